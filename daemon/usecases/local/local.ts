import type { Account, AccountId, KnownAccount } from '../../domain/account.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import type { LocalStep } from '../../domain/local/difference.ts'
import type { LocalFacts } from '../../domain/local/facts.ts'
import { NEVER_LOCAL, type LocalViewer } from '../../domain/local/view.ts'
import { callerIdOf, type Principal } from '../../domain/session.ts'
import { lineageIds, maySee } from '../../domain/tree.ts'
import type { AttestationType } from '../../ports/crypto.ts'
import type { AccountPosition } from '../../ports/stores/index.ts'
import { canonicalJson, decide } from '../../../policies/index.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { layersOf } from '../access/authorize.ts'
import { dominatedBy } from '../accounts/list.ts'
import type { Deps } from '../deps.ts'
import type { Follower } from './channels.ts'
import { namingOf, stepFrom } from './views.ts'

/** How many accounts of a subtree are handed out, over all its pages. */
const MOST_BELOW = 20_000

/** Who loads, and where the request comes from. */
export interface Loading {
  readonly principal: Principal
  readonly origin: RequestOrigin
}

/** A page of facts. */
export interface FactsPage {
  readonly audience: string
  readonly accounts: readonly LocalFacts[]
  readonly missing: readonly string[]
  /** Where the next page begins, and how many accounts came before it. */
  readonly next: { readonly position: AccountPosition; readonly count: number } | null
}

/** A snapshot, or what leads to it. */
export interface LoadedSnapshot {
  readonly revision: string
  readonly step: LocalStep
  readonly signature: string | null
}

const viewerOf = (principal: Principal, services: readonly string[] | undefined): LocalViewer => {
  if (services?.includes(NEVER_LOCAL) === true) {
    const detail = 'What the daemon guards itself is decided by the daemon alone.'
    throw new Failure('invalid_request', {
      errors: [{ pointer: '/query/services', code: 'service', detail }],
    })
  }
  const { account: owner, ancestors: above } = principal
  const sorted = services && [...new Set(services)].sort()
  return { audience: callerIdOf(principal), owner, above, services: sorted }
}

/**
 * What applications load to decide by themselves: the policies as they may see them, facts of accounts, and
 * what changes of both.
 */
export const createLocal = (
  deps: Pick<Deps, 'store' | 'clock' | 'policies' | 'vault' | 'signer' | 'views' | 'feed'>,
) => {
  const { store, clock, policies, vault, signer, views, feed } = deps
  const seconds = (): number => Math.floor(clock.now() / 1000)

  /** The snapshot of now, as what differs from a revision if that is known. */
  const snapshot = async (
    { principal }: Loading,
    { services, since }: { services: readonly string[] | undefined; since: string | undefined },
  ): Promise<LoadedSnapshot> => {
    const viewer = viewerOf(principal, services)
    if (!(await policies.refresh({ atOnce: true })))
      throw new Failure('unavailable', { reason: 'the policies could not be read' })
    const present = await views.present(viewer)
    const { revision, state } = present.view
    const claims = { aud: viewer.audience, iat: seconds(), revision, language: state.language }
    const signature = signer.attest('authctl-snapshot+jws', claims)
    return { revision, step: stepFrom(present, since), signature }
  }

  /** Whether an account may be loaded: the tree and the policies say so, as of a question about it. */
  const mayLoad = ({ principal, origin }: Loading, account: KnownAccount): boolean => {
    const { account: owner } = principal
    if (!maySee(owner, account)) return false
    const asked = { action: 'authctl:LoadPolicies', resource: `account/${account.path}` }
    const context = requestContext(owner, { ip: origin.ip, now: clock.now() })
    return decide(layersOf(policies.current(), principal), { ...asked, context }).verdict === 'ALLOW'
  }

  /** The same with the accounts between the owner and it, whose facts are told with its own. */
  const mayLoadWhole = (loading: Loading, lineage: readonly KnownAccount[]): boolean => {
    const above = new Set(lineageIds(loading.principal.account.path).slice(0, -1))
    const account = lineage.at(-1)
    const between = lineage.slice(0, -1).filter(({ id }) => !above.has(id))
    return account !== undefined && [account, ...between].every((each) => mayLoad(loading, each))
  }

  const page = (
    loading: Loading,
    {
      lineages,
      missing,
      next,
    }: Pick<FactsPage, 'missing' | 'next'> & { lineages: readonly KnownAccount[][] },
  ): FactsPage => {
    const { principal } = loading
    const viewer = viewerOf(principal, undefined)
    const naming = namingOf(vault, viewer)
    const above = new Set(lineageIds(principal.account.path).slice(0, -1))
    const accounts = new Map<string, KnownAccount>()
    for (const each of lineages.flat()) if (!above.has(each.id)) accounts.set(each.id, each)
    const facts = [...accounts.values()].map((account) => naming.facts(account))
    return { audience: viewer.audience, accounts: facts, missing, next }
  }

  /** Facts of accounts by their ids, each with those above it; one that may not be loaded is missing. */
  const facts = async (loading: Loading, ids: readonly string[]): Promise<FactsPage> => {
    const wanted = [...new Set(ids)]
    const found = await Promise.all(wanted.map((id) => store.accounts.getLineageOf(id as AccountId)))
    const isLoaded = found.map((lineage) => mayLoadWhole(loading, lineage))
    return page(loading, {
      lineages: found.filter((_lineage, index) => isLoaded[index]),
      missing: wanted.filter((_id, index) => isLoaded[index] !== true),
      next: null,
    })
  }

  /**
   * A page of the facts of all accounts below one. Throws `not_found`, and `limit_reached` beyond the most
   * that is handed out.
   */
  const factsBelow = async (
    loading: Loading,
    request: { below: string; limit: number; after: FactsPage['next'] | undefined },
  ): Promise<FactsPage> => {
    const { account: owner } = loading.principal
    const lineage = await store.accounts.getLineageOf(request.below as AccountId)
    const top = lineage.at(-1)
    if (top === undefined || !mayLoadWhole(loading, lineage)) return notFound()
    const { position: after, count = 0 } = request.after ?? {}
    if (count >= MOST_BELOW)
      throw new Failure('limit_reached', { detail: `At most ${MOST_BELOW} accounts are loaded at once.` })
    const query = { ...dominatedBy(top), includeUsers: false, limit: request.limit, ...(after && { after }) }
    const found: Account[] = await store.accounts.list(query)
    const last = found.at(-1)
    const isEnd = found.length < request.limit || last === undefined
    const own = after === undefined && maySee(owner, top) ? [lineage] : []
    const loaded = found.filter((account) => mayLoad(loading, account)).map((account) => [account])
    const position = last && { createdAt: last.createdAt, id: last.id }
    const next = isEnd || position === undefined ? null : { position, count: count + found.length }
    return page(loading, { lineages: [...own, ...loaded], missing: [], next })
  }

  /** Tells what changes from a position on, until it is stopped. */
  const follow = (
    { principal }: Loading,
    { services, after }: { services: readonly string[] | undefined; after: string | undefined },
    follower: Follower,
  ): Promise<() => void> => feed.follow(viewerOf(principal, services), after, follower)

  /**
   * The signature over the body of an answer, which is the application's own.
   * @param nonce what the application has made up for this answer, if anything
   */
  const attest = (
    typ: AttestationType,
    { audience, nonce }: { audience: string; nonce: string | undefined },
    body: object,
  ): string | null => {
    const digest = vault.digest(canonicalJson(body))
    const named = nonce === undefined ? {} : { nonce }
    return signer.attest(typ, { aud: audience, iat: seconds(), digest, ...named })
  }

  return { snapshot, facts, factsBelow, follow, attest }
}
