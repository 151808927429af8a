import { compilePolicy, MANAGED_POLICIES, OWN_SERVICES } from '../../../policies/index.ts'
import { createAccessComparison, type AccessDiff } from '../../../policies/plan/index.ts'
import type { Account } from '../../domain/account.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import {
  isSameText,
  MANAGED_HOME,
  ROOT,
  type Namespace,
  type PolicySnapshot,
} from '../../domain/policy-snapshot.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { Log } from '../../ports/log.ts'
import { inPieces } from '../breather.ts'
import type { CoreDeps } from '../deps.ts'
import type { NamespaceChange } from './change.ts'
import { initialNamespace, readNamespace } from './namespaces.ts'
import { createRevisions, type Draft } from './revisions.ts'
import { accountsUnder } from './touched.ts'

type UpgradeDeps = Pick<CoreDeps, 'store' | 'vault' | 'clock'>

/** What comes with this authctl, beside what came with the one that ran here last. */
export interface Upgrade {
  /** `Admin changed`, `Auditor new`, `Guest gone`: managed policies, then services of the daemon. */
  readonly objects: readonly string[]
  /** Who gains and loses what. */
  readonly access: AccessDiff
}

const PLACE = { name: MANAGED_HOME, above: [] } as const

const putAll = <T extends object>(
  present: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, T>,
): Record<string, { value: T } | null> => ({
  ...Object.fromEntries([...present.keys()].map((name) => [name, null])),
  ...Object.fromEntries([...wanted].map(([name, value]) => [name, { value }])),
})

/** The change that makes what the store remembers what comes with this authctl. */
const changeToNow = ({ policies, services }: Namespace): NamespaceChange => ({
  policies: putAll(policies, new Map(MANAGED_POLICIES.map((document) => [document.Id, document]))),
  services: putAll(services, new Map(OWN_SERVICES.map((service) => [service.service, service]))),
})

type Hashes = ReadonlyMap<string, { readonly hash: string; readonly updatedAt: number }>

const namesOf = (before: Hashes, after: Hashes): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [old, fresh] = [before.get(name), after.get(name)]
    if (fresh === undefined) return [`${name} gone`]
    if (old === undefined) return [`${name} new`]
    return isSameText(old, fresh) ? [] : [`${name} changed`]
  })

interface Found {
  /** What the store remembers; its id is null where it remembers nothing. */
  readonly base: Namespace
  readonly draft: Draft
}

/** Undefined: the store remembers just what comes with this authctl. */
const find = async ({ store, vault, clock }: UpgradeDeps): Promise<Found | undefined> => {
  const head = (await store.policies.heads()).find(({ namespace }) => namespace === MANAGED_HOME)
  const base = head === undefined ? initialNamespace(PLACE) : await readNamespace(store.policies, head)
  const { draft } = createRevisions({ store: store.policies, vault, clock })
  const next = await draft(base, changeToNow(base), { place: PLACE, actorId: null })
  return next && { base, draft: next }
}

/** The policies in force as they were decided by with what came before. */
const asBefore = (snapshot: PolicySnapshot, { policies, services }: Namespace): PolicySnapshot =>
  snapshot.withManaged({
    managed: new Map(
      [...policies].map(([id, { document, hash }]) => {
        const name = `authctl:${id}`
        return [name, compilePolicy(document, { name, hash })]
      }),
    ),
    own: [...services.values()].map(({ service }) => service),
  })

/** Asks all accounts, one after the other; others are served meanwhile. */
const compareAccess = async (
  { store, clock }: UpgradeDeps,
  { before, after }: { before: PolicySnapshot; after: PolicySnapshot },
  isStopped: () => boolean,
): Promise<AccessDiff> => {
  const comparison = createAccessComparison()
  const above = new Map<string, Account>()
  const ancestorsOf = async ({ path }: Account): Promise<Account[]> => {
    const found: Account[] = []
    for (const id of lineageIds(path).slice(0, -1).toReversed()) {
      const account = above.get(id) ?? (await store.accounts.get(id))
      if (account !== undefined) above.set(id, account)
      if (account !== undefined) found.push(account)
    }
    return found
  }
  for await (const account of accountsUnder(store.accounts, { name: ROOT, above: [], ownerPath: '' })) {
    if (isStopped()) break
    if (account.role === 'admin' || account.role === 'client') above.set(account.id, account)
    const lineage = [account, ...(await ancestorsOf(account))]
    const layersBy = (snapshot: PolicySnapshot) => lineage.flatMap((each) => snapshot.layersWith(each, each))
    const steps = comparison.steps({
      id: account.id,
      principal: layersBy(before)[0]?.principal ?? {},
      context: requestContext(account, { ip: null, now: clock.now() }),
      before: layersBy(before),
      after: layersBy(after),
      catalogues: { before: before.catalogueOf(account), after: after.catalogueOf(account) },
    })
    await inPieces(steps)
  }
  return inPieces(comparison.resultSteps())
}

const describe = async (
  deps: UpgradeDeps,
  { base, draft }: Found,
  { snapshot, isStopped }: { snapshot: PolicySnapshot; isStopped: () => boolean },
): Promise<Upgrade> => {
  const { namespace: next } = draft
  const objects = [...namesOf(base.policies, next.policies), ...namesOf(base.services, next.services)]
  const states = { before: asBefore(snapshot, base), after: snapshot }
  return { objects, access: await compareAccess(deps, states, isStopped) }
}

/**
 * What starting this authctl changes, given the policies that it would have in force. Undefined: nothing, or
 * none ran here that remembered what came with it. Nothing is written.
 */
export const planUpgrade = async (
  deps: UpgradeDeps,
  snapshot: PolicySnapshot,
): Promise<Upgrade | undefined> => {
  const found = await find(deps)
  if (found === undefined || found.base.id === null) return undefined
  return describe(deps, found, { snapshot, isStopped: () => false })
}

/** The first of the rights that change, as a log tells them. */
const TOLD = 20

const announce = async (
  deps: UpgradeDeps & { readonly log: Log },
  { snapshot, isStopped }: { snapshot: PolicySnapshot; isStopped: () => boolean },
): Promise<void> => {
  const { store, clock, log } = deps
  const found = await find(deps)
  if (found === undefined) return
  const { base, draft } = found
  const upgrade = base.id === null ? undefined : await describe(deps, found, { snapshot, isStopped })
  if (isStopped()) return
  const { id, revision } = draft.namespace
  const isFirst = await store.policies.moveHead({
    head: { namespace: MANAGED_HOME, revision: id ?? '', number: revision.number },
    from: base.id,
    texts: draft.texts,
    owner: null,
    now: clock.now(),
  })
  if (upgrade === undefined || !isFirst) return
  const { gained, lost, shut, changes } = upgrade.access
  const told = changes.slice(0, TOLD).map(({ witness: _witness, ...change }) => change)
  log.warn(
    { objects: upgrade.objects, gained, lost, shut, changes: told },
    'this authctl comes with other policies than the one before',
  )
}

/**
 * Remembers in the store what comes with this authctl. Where something else came with the one that ran here
 * before, the log tells who gains and loses what; of daemons that start together one tells it. It never
 * throws: what fails is told by the log, and done by the next start.
 */
export const announceUpgrade = (...asked: Parameters<typeof announce>): Promise<void> =>
  announce(...asked).catch((error: unknown) => {
    const cause = error instanceof Error ? error.message : 'unknown'
    asked[0].log.warn({ cause }, 'what this authctl changes cannot be told')
  })
