import type { CompiledPolicy, CompiledStatement } from '../engine/compile.ts'
import type { Context, OwnedLayer } from '../engine/decide.ts'
import { finish, forAll, type Steps } from '../steps.ts'
import { createBudget, isUnlimited, type Budget, type Grant } from './grant.ts'
import { placedIn, type Placed } from './placed.ts'
import { coversShare, intersection, matchInSteps, mayMatch, regionsOf, type Region } from './regions.ts'

/** An Allow that a change gives although nothing shows that the maker of the change has it. */
export interface UnprovenRight {
  /** The actions, as the statement names them. */
  readonly action: string
  readonly statement: CompiledStatement
}

/** A layer with its statements as they read there. */
interface Read {
  readonly allows: readonly Placed[]
  readonly denies: readonly Placed[]
}

const readLayer = (layer: OwnedLayer, caller: Context): Read => {
  const placed = placedIn(layer, caller)
  return {
    allows: placed.filter(({ statement }) => statement.effect === 'Allow'),
    denies: placed.filter(({ statement }) => statement.effect === 'Deny'),
  }
}

const MENTIONS_CALLER = /caller\./

const mentionsCaller = ({ layer }: OwnedLayer): boolean =>
  layer.statements.some(
    ({ resource, conditions }) =>
      resource.sources.some((text) => MENTIONS_CALLER.test(text)) ||
      conditions.some(({ key, expected }) => [key, ...expected].some((text) => MENTIONS_CALLER.test(text))),
  )

/** What a layer says, and of whom: two of the same text decide alike. */
const identityOf = ({ kind, principal, layer }: OwnedLayer): string =>
  JSON.stringify([kind, principal, layer.policies.map(({ name, hash }) => [name, hash])])

/** The layers that stand on the other side too, so that every request is held against them in any case. */
const shared = (
  layers: readonly OwnedLayer[],
  others: readonly OwnedLayer[],
  isSameCaller: boolean,
): ReadonlySet<OwnedLayer> => {
  const identities = new Set(others.map(identityOf))
  return new Set(
    layers.filter((each) => identities.has(identityOf(each)) && (isSameCaller || !mentionsCaller(each))),
  )
}

const identityIn = ({ name, hash }: CompiledPolicy): string => JSON.stringify([name, hash])

/**
 * The policies of the own layer that allowed the same before: it is the one layer that changes, of the same
 * account, and every policy in it that denies something is still there. Most changes are of one policy of
 * many, and the others need no proof then.
 */
const keptIn = (own: OwnedLayer, changed: readonly OwnedLayer[]): ReadonlySet<string> => {
  const [was, ...others] = changed
  const isSame = others.length === 0 && JSON.stringify(was?.principal) === JSON.stringify(own.principal)
  if (was === undefined || !isSame) return new Set()
  const has = new Set(own.layer.policies.map(identityIn))
  const isHeldBack = was.layer.policies.some(
    (policy) => policy.statements.some(({ effect }) => effect === 'Deny') && !has.has(identityIn(policy)),
  )
  return new Set(isHeldBack ? [] : was.layer.policies.map(identityIn))
}

/** What every request that the change allows is held against, on its own side. */
interface Held {
  readonly denies: readonly Placed[]
  /** Allows of the layers beside the account's own, a list for each. */
  readonly bounds: readonly (readonly Placed[])[]
  readonly spend: Budget
}

/** A Deny takes nothing from the region: it is about something else, or the account is denied that too. */
const isHarmless = (deny: Placed, region: Region, { denies, spend }: Held): boolean =>
  !mayMatch(region, deny, spend) || denies.some((held) => coversShare(region, deny, held, spend))

function* allowedBy(region: Region, { allows, denies }: Read, held: Held): Steps<boolean> {
  const isAllowed = yield* matchInSteps(region, allows, held.spend)
  return isAllowed && denies.every((deny) => isHarmless(deny, region, held))
}

/** How many pieces a right is cut into by what bounds it. */
const MAX_PIECES = 64

/** The pieces of a region that its bounds leave; undefined if they are too many. */
const piecesOf = (region: Region, { bounds, spend }: Held): Region[] | undefined => {
  let pieces = [region]
  for (const bound of bounds) {
    pieces = pieces.flatMap((piece) =>
      bound
        .filter((each) => mayMatch(piece, each, spend))
        .flatMap((each) => regionsOf(each).map((share) => intersection(piece, share))),
    )
    if (pieces.length > MAX_PIECES) return undefined
  }
  return pieces
}

function* isAllowedBy(region: Region, layer: Read, held: Held): Steps<boolean> {
  if (yield* allowedBy(region, layer, held)) return true
  if (held.bounds.length === 0) return false
  const pieces = piecesOf(region, held)
  return pieces !== undefined && (yield* forAll(pieces, (piece) => allowedBy(piece, layer, held)))
}

/**
 * The first Allow that a change gives and that cannot be shown to be within what the account had or what the
 * giver may do. Undefined: everything that is given is, for certain, within: also for actions and resources
 * that services declare later, since patterns are compared and not what they match today. The other way round
 * it may find one in rights that are within (it may refuse too much, and never lets too much pass). A caller
 * or an owner of a layer without an id stands for anybody. Throws `GrantTooLarge`.
 */
export function* seekUnprovenRight(grant: Grant, spend = createBudget()): Steps<UnprovenRight | undefined> {
  const { caller, callerBefore = caller, before, after, granter } = grant
  if (granter.length > 0 && granter.every(isUnlimited)) return undefined
  const [own, ...others] = after.map((layer) => readLayer(layer, caller))
  if (own === undefined) return undefined
  const isSameCaller = JSON.stringify(caller) === JSON.stringify(callerBefore)
  const unchanged = shared(before, after, isSameCaller)
  const capping = shared(granter, after, true)
  const changed = before.filter((each) => !unchanged.has(each))
  const [first] = after
  const kept = first !== undefined && isSameCaller ? keptIn(first, changed) : new Set()
  const was = changed.map((each) => readLayer(each, callerBefore))
  const gives = granter.filter((each) => !capping.has(each)).map((each) => readLayer(each, caller))
  const held: Held = {
    denies: [own, ...others].flatMap(({ denies }) => denies),
    bounds: others.map(({ allows }) => allows),
    spend,
  }
  for (const allow of own.allows) {
    if (kept.has(identityIn(allow.statement.policy))) continue
    for (const region of regionsOf(allow)) {
      spend(1)
      const isAllowed = (layer: Read) => isAllowedBy(region, layer, held)
      if (before.length > 0 && (yield* forAll(was, isAllowed))) continue
      if (granter.length > 0 && (yield* forAll(gives, isAllowed))) continue
      const { statement } = allow
      return { action: statement.action.sources.join(', '), statement }
    }
  }
  return undefined
}

/** The same at once. */
export const findUnprovenRight = (
  ...asked: Parameters<typeof seekUnprovenRight>
): UnprovenRight | undefined => finish(seekUnprovenRight(...asked))
