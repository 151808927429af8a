import {
  type Budget,
  type Catalogue,
  type Context,
  type Decision,
  seekLackingRight,
  seekUnprovenRight,
  type Grant,
  GrantTooLarge,
  type LackingRight,
  type UnprovenRight,
  type OwnedLayer,
  type PrincipalFacts,
} from '../../../policies/index.ts'
import { NOBODY_YET, type Account } from '../../domain/account.ts'
import { inPieces } from '../breather.ts'

/** One right that a change gives, or seems to give, although its maker lacks it. */
export interface CeilingVerdict {
  /** The account that would gain it. */
  readonly account: Account
  /**
   * `lacking_right`: `witness` shows it. `unproven_right`: it cannot be shown that the maker has it, and
   * nothing caps the account by the maker's own layers. `too_much`: there is more to compare than a request
   * may take.
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

const sourceOf = ({ policy, sid, index, writtenAt }: UnprovenRight['statement']): Source => ({
  policy: policy.name,
  statement: sid ?? String(index),
  ...(writtenAt === undefined ? {} : { writtenAt }),
})

/** What a search answers, while others are served; `tooLarge` when it would take too long. */
export const orTooLarge = async <T>(search: Generator<undefined, T, undefined>): Promise<T | 'tooLarge'> => {
  try {
    return await inPieces(search)
  } catch (error) {
    if (error instanceof GrantTooLarge) return 'tooLarge'
    throw error
  }
}

/** How a grant is judged. */
export interface Terms {
  readonly catalogue: Catalogue
  readonly isCapped: boolean
  readonly spend: Budget
  /** Whether there can be accounts below it, whose requests its layers are asked about too. */
  readonly isAbove: boolean
}

/** The same for any caller: what is known of one is left open. */
const forAnyCaller = ({ callerBefore: _before, ...grant }: Grant): Grant => ({
  ...grant,
  caller: Object.fromEntries(Object.entries(grant.caller).filter(([key]) => !key.startsWith('caller.'))),
})

/** What can be said of every account of a role with these attributes, whichever it is. */
const ofAny = (principal: PrincipalFacts): PrincipalFacts =>
  Object.fromEntries(
    Object.entries(principal).filter(([key]) => key !== 'principal.id' && key !== 'principal.path'),
  )

/** The same for any owner of these layers, which are all of one account. */
export const forAnyone = (grant: Grant): Grant => {
  const opened = (layers: readonly OwnedLayer[]): OwnedLayer[] =>
    layers.map((each) => ({ ...each, principal: ofAny(each.principal) }))
  return forAnyCaller({ ...grant, before: opened(grant.before), after: opened(grant.after) })
}

function* unprovenIn(
  grant: Grant,
  { spend, isAbove }: Pick<Terms, 'spend' | 'isAbove'>,
): Generator<undefined, UnprovenRight | undefined, undefined> {
  const isAnyone = grant.caller['caller.id'] === NOBODY_YET
  const first = yield* seekUnprovenRight(isAnyone ? forAnyone(grant) : grant, spend)
  if (first !== undefined || isAnyone || !isAbove) return first
  return yield* seekUnprovenRight(forAnyCaller(grant), spend)
}

/** What there is to say against a grant to an account; undefined: nothing. Others are served meanwhile. */
export const verdictOn = async (
  grant: Grant,
  account: Account,
  terms: Terms,
): Promise<CeilingVerdict | undefined> => {
  const { catalogue, isCapped, spend } = terms
  const unproven = await orTooLarge(unprovenIn(grant, terms))
  if (unproven === undefined) return undefined
  const source = unproven === 'tooLarge' ? undefined : sourceOf(unproven.statement)
  const action = unproven === 'tooLarge' ? '*' : unproven.action
  const base = { account, action, source, witness: undefined }
  const lacking = await orTooLarge(seekLackingRight(grant, catalogue, spend))
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
