import type { Context } from '../engine/decide.ts'
import { explain, type Explanation } from '../engine/explain.ts'
import { findCounterexample, type Counterexample } from '../invariants/counterexample.ts'
import { isProven } from '../invariants/prove.ts'
import { requestsOf, type Requests } from '../invariants/requests.ts'
import { ruleOf, selectorsOf, type ProvedRule } from '../invariants/selectors.ts'
import { ROLES, type Attachment, type InvariantKind, type Selector } from '../language.ts'
import type { PolicySet, SetInvariant } from '../set/read.ts'
import type { Position } from '../text/json.ts'
import { above, heldAccount, layersOf, supposedFacts, type Given } from './supposed-layers.ts'
import { isSelected, selectedToo, supposedOf, supposedText, variantsOf, type Supposed } from './supposed.ts'
import { createWorld } from './world.ts'

/** A request that breaks an invariant, by an account such as the files make. */
export interface Broken extends Counterexample {
  readonly explanation: Explanation
}

/** What came of an invariant: PASS is proved over all accounts and requests, FAIL is shown by one. */
export interface InvariantResult extends Position {
  readonly file: string
  readonly name: string
  readonly kind: InvariantKind
  readonly verdict: 'PASS' | 'FAIL' | 'UNKNOWN'
  /** For whom it is not shown; null: it passes. */
  readonly who: string | null
  readonly broken: Broken | null
}

const idOf = ({ id, username, role }: Supposed): string => id ?? username ?? role

/** Every line of accounts that the files make, the given one first and those above it behind it. */
const linesOf = (account: Supposed, given: Given): Supposed[][] =>
  above(account, given).reduce<Supposed[][]>(
    (all, each) => all.flatMap((line) => variantsOf(each, given.attachments).map((next) => [...line, next])),
    [[account]],
  )

/** A question of the first of a line that is answered against a rule; `now` in epoch milliseconds. */
const breakingIn = (
  line: readonly Supposed[],
  { kind, requests, given, now }: { kind: InvariantKind; requests: Requests; given: Given; now: number },
): Broken | undefined => {
  const places = line.map((each, n) => ({
    each,
    id: idOf(each),
    path: line.slice(n).toReversed().map(idOf).join('/'),
  }))
  const layers = places.flatMap(({ each, id, path }) => {
    const facts = { ...supposedFacts('principal', each), 'principal.id': id, 'principal.path': path }
    return layersOf(each, facts, given) ?? [undefined]
  })
  const known = layers.flatMap((layer) => layer ?? [])
  const [own] = known
  const [first] = places
  if (own === undefined || first === undefined || known.length < layers.length) return undefined
  const { each: account, id, path } = first
  const context: Context = {
    ...supposedFacts('caller', account),
    'caller.id': id,
    'caller.path': path,
    'request.time': Math.floor(now / 1000),
  }
  const asked = { id: supposedText(account), principal: own.principal, context, layers: known }
  const found = findCounterexample(kind, requests, asked)
  if (found === undefined) return undefined
  const { action, resource } = found
  const request = { action, resource, context: { ...context, ...found.context } }
  return { ...found, explanation: explain(known, request) }
}

/** An account that a rule is about. */
interface Asked {
  readonly account: Supposed
  /** What may allow it something; undefined: it must be allowed. */
  readonly from: Attachment | undefined
}

/** Those whom a rule is about: for what must never be, one for each attachment that may give it. */
const askedOf = (kind: InvariantKind, selectors: readonly Selector[], { attachments }: Given): Asked[] => {
  if (kind === 'alwaysGrants')
    return selectors.flatMap(supposedOf).map((account) => ({ account, from: undefined }))
  const isMeant = (account: Supposed): boolean =>
    kind !== 'onlyBy' || !selectors.some((to) => isSelected(account, to))
  const isForAll = kind === 'onlyBy' || selectors.length === 0
  return (isForAll ? ROLES.map((role): Selector => ({ role })) : selectors)
    .flatMap(supposedOf)
    .flatMap((account) =>
      attachments.flatMap((from) => {
        const also = selectedToo(account, from.to)
        return also !== undefined && isMeant(also) ? [{ account: also, from }] : []
      }),
    )
}

const resultOf = (
  { invariant, file, namedAt }: SetInvariant,
  { kind, rule }: ProvedRule,
  { set, given, now }: { set: PolicySet; given: Given; now: number },
): InvariantResult => {
  const requests = requestsOf(rule, set.catalogue)
  const result = { file, ...namedAt, name: invariant.invariant, kind, broken: null }
  const open = askedOf(kind, selectorsOf(rule), given).filter(
    ({ account, from }) => !isProven(kind, requests, heldAccount(account, from, given)),
  )
  const [first] = open
  if (first === undefined) return { ...result, verdict: 'PASS', who: null }
  for (const { account, from } of open) {
    const variants = from === undefined ? variantsOf(account, given.attachments) : [account]
    for (const line of variants.flatMap((variant) => linesOf(variant, given))) {
      const broken = breakingIn(line, { kind, requests, given, now })
      if (broken !== undefined) return { ...result, verdict: 'FAIL', who: broken.principal, broken }
    }
  }
  return { ...result, verdict: 'UNKNOWN', who: supposedText(first.account) }
}

/**
 * Holds the invariants of a set against what its attachments give to whom they select, by the one prover of
 * ceilings. What is attached to accounts by hand is in no file: the server knows it.
 */
export const proveInvariants = (
  set: PolicySet,
  { now }: { readonly now: number },
): readonly InvariantResult[] => {
  if (set.invariants.length === 0) return []
  const { policies } = createWorld(set)
  const given: Given = {
    attachments: set.attachments,
    find: (name) => policies.get(name) ?? policies.get(name.slice(name.lastIndexOf('/') + 1)),
  }
  return set.invariants.flatMap((each) => {
    const rule = ruleOf(each.invariant)
    return rule === undefined ? [] : [resultOf(each, rule, { set, given, now })]
  })
}
