import {
  type CompiledPolicy,
  createBudget,
  createLayer,
  seekUnprovenRight,
  type Grant,
  isUnlimited,
  type OwnedLayer,
} from '../../../policies/index.ts'
import { ROLES, type Account } from '../../domain/account.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import { namespacesAbove, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { isNarrowed, type Lineage } from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import { layersOf } from './authorize.ts'
import { type CeilingVerdict, forAnyone, orTooLarge, verdictOn } from './verdict.ts'

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

/**
 * A change of policies, of accounts, or of both: the two states, and the account that makes one of the other.
 */
export interface JudgedChange extends Moment {
  /** All policies as they are: services, documents and attachments. */
  readonly before: PolicySnapshot
  /** All policies as they would be; the same where only an account changes. */
  readonly after: PolicySnapshot
  readonly principal: Lineage
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

/**
 * Judges one account at a time, while others are served; undefined: it gains nothing that the maker of the
 * change lacks.
 */
export type Judge = (change: AccountChange) => Promise<CeilingVerdict | undefined>

/**
 * Whether the layers of the caller are asked again at every request of the account. Those that the token of
 * an application is narrowed to never are.
 */
export const isCappedBy = (principal: Lineage, { path }: Pick<Account, 'path'>): boolean =>
  !isNarrowed(principal) && lineageIds(path).slice(0, -1).includes(principal.account.id)

const contentOf = (layers: readonly OwnedLayer[]): string =>
  layers.map(({ kind, layer }) => `${kind} ${layer.policies.map(({ hash }) => hash).join(' ')}`).join('\n')

const factsOf = ({ id, role, path, attributes }: Account): string =>
  JSON.stringify([id, role, path, Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))])

/** The layers without what gives an account no more than its creator has. */
const withoutInherited = (layers: readonly OwnedLayer[]): readonly OwnedLayer[] =>
  layers.map((each) =>
    each.kind === 'own' && each.layer.policies.some(({ name }) => name === INHERIT)
      ? { ...each, layer: createLayer(each.layer.policies.filter(({ name }) => name !== INHERIT)) }
      : each,
  )

/**
 * Only what is attached counts for an account that does not exist yet, where the maker's layers cap it.
 * Elsewhere everything counts that it will have: the maker chooses its name and attributes, which select
 * more.
 */
const layersAfter = (
  snapshot: PolicySnapshot,
  { before, after }: AccountChange,
  isCapped: boolean,
): readonly OwnedLayer[] =>
  before === undefined && isCapped ? snapshot.onlyAttached(after, after) : snapshot.layersWith(after, after)

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
    after: counted([...layersAfter(judged.after, change, isCapped), ...above(judged.after)]),
    granter: layersOf(judged.before, judged.principal),
  }
}

const onlyDenies = ({ statements }: CompiledPolicy): boolean =>
  statements.every(({ effect }) => effect === 'Deny')

/**
 * Whether nothing is given: the same layers, and whatever is new in one only denies. What is dropped may free
 * the account, unless all policies are kept or the maker's own layers are asked at each of its requests.
 */
const givesNothing = (
  before: readonly OwnedLayer[],
  after: readonly OwnedLayer[],
  isCapped: boolean,
): boolean =>
  before.length === after.length &&
  before.every(({ kind, layer: was }, n) => {
    const is = after[n]
    if (is?.kind !== kind) return false
    const had = new Set(was.policies.map(({ hash }) => hash))
    const has = new Set(is.layer.policies.map(({ hash }) => hash))
    const isKept = was.policies.every(({ hash }) => has.has(hash))
    return (
      (isCapped || isKept) && is.layer.policies.every((policy) => had.has(policy.hash) || onlyDenies(policy))
    )
  })

/** Whether an account may do everything: then there is nothing that it could lack. */
export const hasEverything = (snapshot: PolicySnapshot, principal: Lineage): boolean =>
  layersOf(snapshot, principal).every(isUnlimited)

/**
 * What sets accounts apart whose policies alone change: two of one class have the same layers before and
 * after, but for who owns them.
 */
const classOf = ({ role, attributes }: Account, layers: readonly string[]): string =>
  JSON.stringify([role, Object.entries(attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)), layers])

/**
 * The one question that judges every change of policies, attachments, attributes and accounts: does this
 * account gain a right that the maker of the change lacks? Accounts below it, whose requests its layers are
 * asked about too, are judged with it. Many accounts with the same policies are judged as one where that can
 * be. What they take to compare comes out of one budget, so that a request cannot hold everybody else up;
 * beyond it the verdict is `too_much`.
 */
export const createJudge = (change: JudgedChange): Judge => {
  if (hasEverything(change.before, change.principal)) return () => Promise.resolve(undefined)
  const spend = createBudget()
  const settled = new Map<string, boolean>()

  const judgeOne = (account: AccountChange): Promise<CeilingVerdict | undefined> =>
    verdictOn(grantOf(change, account), account.after, {
      catalogue: change.after.catalogueFor(namespacesAbove(account.after)),
      isCapped: isCappedBy(change.principal, account.after),
      isAbove: ROLES[account.after.role].namespace === 'own',
      spend,
    })

  /** Whether nobody of the class gains anything. */
  const settle = async (account: AccountChange, key: string): Promise<boolean> => {
    const grant = forAnyone(grantOf(change, account))
    const isWithin = (await orTooLarge(seekUnprovenRight(grant, spend))) === undefined
    settled.set(key, isWithin)
    return isWithin
  }

  return async (account) => {
    const { before: was, after: is } = account
    if (was === undefined) return judgeOne(account)
    // Only its own layers: those of accounts below are judged with it, as they gain by its layers.
    const [before, after] = [change.before.layersWith(was, was), change.after.layersWith(is, is)]
    const contents = [contentOf(before), contentOf(after)] as const
    const isSame = was === is || factsOf(was) === factsOf(is)
    const isCapped = isCappedBy(change.principal, is)
    if (isSame && (contents[0] === contents[1] || givesNothing(before, after, isCapped))) return undefined
    if (was !== is) return judgeOne(account)
    const key = classOf(is, contents)
    if (settled.get(key) ?? (await settle(account, key))) return undefined
    const verdict = await judgeOne(account)
    // Where the maker's layers cap them all, one stands for its class.
    if (verdict === undefined && isCapped) settled.set(key, true)
    return verdict
  }
}
