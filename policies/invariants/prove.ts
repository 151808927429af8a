import { createBudget, GrantTooLarge, type Budget } from '../ceiling/grant.ts'
import { placedIn, type Placed } from '../ceiling/placed.ts'
import { intersection, isMatched, mayMatch, regionsOf, type Region } from '../ceiling/regions.ts'
import type { CompiledPolicy } from '../engine/compile.ts'
import type { Context, PrincipalFacts } from '../engine/decide.ts'
import { createLayer } from '../engine/layer.ts'
import type { InvariantKind } from '../language.ts'
import { bind, type Binding } from './bindings.ts'
import { areTooMany, regionsFor, type Requests } from './requests.ts'

/** A layer that a rule is held against. */
export interface HeldLayer {
  readonly principal: PrincipalFacts
  readonly binding: Binding
  /** Policies whose Allows count, and those whose Denies do: the same, where it is known who has which. */
  readonly allows: readonly CompiledPolicy[]
  readonly denies: readonly CompiledPolicy[]
}

/** An account, or any of a kind, with all layers that its requests are asked about, its own first. */
export interface HeldAccount {
  /** Facts of the account as the caller; without an id it stands for several. */
  readonly caller: Context
  readonly principal: PrincipalFacts
  readonly binding: Binding
  readonly layers: readonly HeldLayer[]
}

interface Read {
  readonly allows: readonly Placed[]
  readonly denies: readonly Placed[]
}

type Place = Pick<HeldLayer, 'principal' | 'binding'>

/** The statements that are about one of the requests, as they read for the account. */
const placedFor = (
  policies: readonly CompiledPolicy[],
  { principal, binding }: Place,
  { caller, requests }: { caller: Context; requests: Requests },
): Placed[] => {
  const statements = policies.flatMap((policy) => policy.statements.filter(requests.isAbout))
  const layer = { ...createLayer([]), statements }
  return placedIn({ kind: 'own', principal, layer }, caller).map((each) => bind(each, binding))
}

const readLayer = (layer: HeldLayer, about: { caller: Context; requests: Requests }): Read => ({
  allows: placedFor(layer.allows, layer, about).filter(({ statement }) => statement.effect === 'Allow'),
  denies: placedFor(layer.denies, layer, about).filter(({ statement }) => statement.effect === 'Deny'),
})

/** A statement in parts of one action and one resource each. */
const partsOf = (placed: Placed): Placed[] =>
  regionsOf(placed).flatMap(({ actions: [actions], resources: [resources] }) =>
    actions === undefined || resources === undefined ? [] : [{ ...placed, actions, resources }],
  )

/** How many pieces of one region are looked at; beyond, nothing is proved. */
const MAX_PIECES = 256

/** Whether, for certain, no request of the region is allowed by all layers. */
const isNeverAllowed = (region: Region, layers: readonly Read[], spend: Budget): boolean => {
  const denies = layers.flatMap((layer) => layer.denies)
  const isLeft = (piece: Region): boolean => !isMatched(piece, denies, spend)
  let pieces = [region].filter(isLeft)
  for (const { allows } of layers) {
    pieces = pieces
      .flatMap((piece) =>
        allows
          .filter((allow) => mayMatch(piece, allow, spend))
          .flatMap(partsOf)
          .filter((part) => mayMatch(piece, part, spend))
          .flatMap((part) => regionsOf(part).map((share) => intersection(piece, share))),
      )
      .filter(isLeft)
    if (pieces.length > MAX_PIECES) return false
  }
  return pieces.length === 0
}

/** Whether, for certain, every request of the region is allowed by all layers. */
const isAlwaysAllowed = (region: Region, layers: readonly Read[], spend: Budget): boolean =>
  layers.length > 0 &&
  layers.every(
    ({ allows, denies }) =>
      isMatched(region, allows, spend) && denies.every((deny) => !mayMatch(region, deny, spend)),
  )

/**
 * Whether a rule holds for an account, for certain: by the prover of the ceiling, over all requests that can
 * be asked and all circumstances. False: it is broken, or it cannot be shown within the budget, which a
 * counterexample tells apart.
 */
export const isProven = (
  kind: InvariantKind,
  requests: Requests,
  account: HeldAccount,
  spend: Budget = createBudget(),
): boolean => {
  if (areTooMany(requests)) return false
  const { caller, layers } = account
  const holds = kind === 'alwaysGrants' ? isAlwaysAllowed : isNeverAllowed
  const about = { caller, requests }
  try {
    const regions = regionsFor(requests, placedFor([requests.policy], account, about), spend)
    if (regions.length === 0) return true
    const read = layers.map((layer) => readLayer(layer, about))
    return regions.every((region) => holds(region, read, spend))
  } catch (error) {
    if (error instanceof GrantTooLarge) return false
    throw error
  }
}
