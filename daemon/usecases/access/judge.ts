import {
  type Budget,
  type Catalogue,
  type Context,
  createBudget,
  createLayer,
  type Decision,
  findLackingRight,
  findUnprovenRight,
  type Grant,
  GrantTooLarge,
  isUnlimited,
  type LackingRight,
  type OwnedLayer,
} from '../../../policies/index.ts'
import type { Account } from '../../domain/account.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import { namespacesAbove, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import { layersOf } from './authorize.ts'

/** What it allows an account with a creator is by its meaning never more than that one has. */
const INHERIT = 'authctl:InheritCreator'

/**
 * When and from where a change is asked for: what is given is compared with what its maker may do here and
 * now.
 */
export interface Moment {
  readonly ip: string | null
  readonly now: number
}

/** A change of policies, of accounts, or of both: the two states, and whoever makes one of the other. */
export interface JudgedChange extends Moment {
  /** All policies as they are: services, documents and attachments. */
  readonly before: PolicySnapshot
  /** All policies as they would be; the same where only an account changes. */
  readonly after: PolicySnapshot
  readonly principal: Principal
}

/** An account under both states. */
export interface AccountChange {
  /** The account as it is stored; undefined: it does not exist yet. */
  readonly before: Account | undefined
  /** The same as it would be; the same object where only policies change. */
  readonly after: Account
  /**
   * Those above it, if its attributes change: their policies may speak of them too, as `caller.attributes.*`.
   */
  readonly ancestors?: readonly Account[]
}

/** One right that a change gives, or seems to give, although its maker lacks it. */
export interface CeilingVerdict {
  /** The account that would gain it. */
  readonly account: Account
  /**
   * `lacking_right`: `witness` shows it. `unproven_right`: it cannot be shown that the maker has it, and
   * nothing caps the account by the maker's own layers. `too_much`: there is more to compare than a request
   * may
   * take.
   */
  readonly code: 'lacking_right' | 'unproven_right' | 'too_much'
  /** The action: of the witness, or as the statement names it. */
  readonly action: string
  /** A request that is allowed after the change, was not before, and that the maker may not make. */
  readonly witness: LackingRight | undefined
  /** The policy and statement that give it, with `file:line:col` if it is known where they are written. */
  readonly source:
    { readonly policy: string; readonly statement: string; readonly writtenAt?: string } | undefined
  /** In words, with what to do. */
  readonly detail: string
}

/** Judges one account at a time; undefined: it gains nothing that the maker of the change lacks. */
export type Judge = (change: AccountChange) => CeilingVerdict | undefined

/** Whether the layers of the caller are asked again at every request of the account. */
export const isCappedBy = ({ account: { id } }: Principal, { path }: Pick<Account, 'path'>): boolean =>
  lineageIds(path).slice(0, -1).includes(id)

const contentOf = (layers: readonly OwnedLayer[]): string =>
  layers.map(({ kind, layer }) => `${kind} ${layer.policies.map(({ hash }) => hash).join(' ')}`).join('\n')

const factsOf = ({ id, role, path, attributes }: Account): string =>
  JSON.stringify([id, role, path, Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))])

/**
 * Whether the layers of the account itself change. Those of accounts below it are judged with it: what their
 * requests gain they gain by its layers.
 */
export const isTouched = (
  { before, after }: Pick<JudgedChange, 'before' | 'after'>,
  { before: was, after: is }: AccountChange,
): boolean =>
  was === undefined ||
  (was !== is && factsOf(was) !== factsOf(is)) ||
  contentOf(before.layersWith(was, was)) !== contentOf(after.layersWith(is, is))

/** The layers without what gives an account no more than its creator has. */
const withoutInherited = (layers: readonly OwnedLayer[]): readonly OwnedLayer[] =>
  layers.map((each) =>
    each.kind === 'own' && each.layer.policies.some(({ name }) => name === INHERIT)
      ? { ...each, layer: createLayer(each.layer.policies.filter(({ name }) => name !== INHERIT)) }
      : each,
  )

/** Of an account that does not exist yet and has a creator, only what is attached counts. */
const layersAfter = (snapshot: PolicySnapshot, { before, after }: AccountChange): readonly OwnedLayer[] =>
  before === undefined && after.parentId !== null
    ? snapshot.onlyAttached(after, after)
    : snapshot.layersWith(after, after)

const grantOf = (judged: JudgedChange, change: AccountChange): Grant => {
  const { before: was, after: is, ancestors = [] } = change
  const above = (snapshot: PolicySnapshot): OwnedLayer[] =>
    ancestors.flatMap((each) => [...snapshot.layersOf(each)])
  const isCapped = isCappedBy(judged.principal, is)
  const counted = isCapped ? withoutInherited : (layers: readonly OwnedLayer[]) => layers
  return {
    caller: requestContext(is, judged),
    ...(was === undefined ? {} : { callerBefore: requestContext(was, judged) }),
    before:
      was === undefined ? [] : counted([...judged.before.layersWith(was, was), ...above(judged.before)]),
    after: counted([...layersAfter(judged.after, change), ...above(judged.after)]),
    granter: layersOf(judged.before, judged.principal),
  }
}

/** The context of a witness without what every request of now has. */
const circumstances = (context: Context, { caller }: Grant): string => {
  const said = Object.entries(context).filter(([key, value]) => caller[key] !== value)
  return said.length === 0 ? '' : ` with ${JSON.stringify(Object.fromEntries(said))}`
}

const ownerOf = ({ layer }: Decision): string => String(layer?.principal['principal.id'] ?? 'you')

const inWords = ({ action, resource, context, decision }: LackingRight, grant: Grant): string => {
  const any = resource.includes('~') ? ' (~ is any name)' : ''
  return `It gives ${action} on ${resource}${any}${circumstances(context, grant)}, which you may not do yourself (${decision.verdict} by the layer of ${ownerOf(decision)}). Give less, such as only what lies under \${principal.path}.`
}

type Source = NonNullable<CeilingVerdict['source']>

const sourceOf = ({
  policy,
  sid,
  index,
  writtenAt,
}: NonNullable<ReturnType<typeof findUnprovenRight>>['statement']): Source => ({
  policy: policy.name,
  statement: sid ?? String(index),
  ...(writtenAt === undefined ? {} : { writtenAt }),
})

/** What a search answers; `tooLarge` when it would take too long. */
const within = <T>(search: () => T): T | 'tooLarge' => {
  try {
    return search()
  } catch (error) {
    if (error instanceof GrantTooLarge) return 'tooLarge'
    throw error
  }
}

interface Terms {
  readonly catalogue: Catalogue
  readonly isCapped: boolean
  readonly spend: Budget
}

const verdictOn = (
  grant: Grant,
  account: Account,
  { catalogue, isCapped, spend }: Terms,
): CeilingVerdict | undefined => {
  const unproven = within(() => findUnprovenRight(grant, spend))
  if (unproven === undefined) return undefined
  const source = unproven === 'tooLarge' ? undefined : sourceOf(unproven.statement)
  const action = unproven === 'tooLarge' ? '*' : unproven.action
  const base = { account, action, source, witness: undefined }
  const lacking = within(() => findLackingRight(grant, catalogue, spend))
  if (lacking === 'tooLarge') {
    const detail = 'The policies name too much to be compared with your own rights: split them.'
    return { ...base, code: 'too_much', detail }
  }
  if (lacking !== undefined) {
    const detail = inWords(lacking, grant)
    return { ...base, code: 'lacking_right', action: lacking.action, witness: lacking, detail }
  }
  // What the search misses is worth nothing where the maker's layers are asked again at every request.
  if (isCapped) return undefined
  const what =
    source === undefined
      ? 'It gives more than can be compared with your own rights'
      : `${source.policy} statement ${source.statement} gives ${action}, and it cannot be shown that you may do all of that`
  const detail = `${what}: give what a policy of your own allows in the same words, or in wider ones.`
  return { ...base, code: 'unproven_right', detail }
}

/** Whether an account may do everything: then there is nothing that it could lack. */
export const hasEverything = (snapshot: PolicySnapshot, principal: Principal): boolean =>
  layersOf(snapshot, principal).every(isUnlimited)

/**
 * The one question that judges every change of policies, attachments, attributes and accounts: does this
 * account gain a right that whoever makes the change lacks? What several accounts take to compare comes out
 * of
 * one budget, so that a request cannot hold everybody else up; beyond it the verdict is `too_much`.
 */
export const createJudge = (change: JudgedChange): Judge => {
  if (hasEverything(change.before, change.principal)) return () => undefined
  const spend = createBudget()
  return (account) => {
    if (!isTouched(change, account)) return undefined
    return verdictOn(grantOf(change, account), account.after, {
      catalogue: change.after.catalogueFor(namespacesAbove(account.after)),
      isCapped: isCappedBy(change.principal, account.after),
      spend,
    })
  }
}

/**
 * The verdicts on all of these accounts, in their order; an empty list: the change may be made. The accounts
 * are those whose layers change, or more: whom the change does not touch costs little and gets no verdict.
 * @public
 */
export const judgeAccounts = (change: JudgedChange, accounts: Iterable<AccountChange>): CeilingVerdict[] => {
  const judge = createJudge(change)
  return [...accounts].flatMap((account) => judge(account) ?? [])
}
