import {
  anyBelow,
  type Binding,
  type Counterexample,
  type HeldAccount,
  type HeldLayer,
  isAbout,
  isProven,
  KNOWN,
  type ProvedRule,
  requestsOf,
  type Requests,
  ruleOf,
  seekCounterexample,
} from '../../../policies/invariants/index.ts'
import {
  type Budget,
  type Catalogue,
  type Context,
  createBudget,
  type OwnedLayer,
  type PrincipalFacts,
} from '../../../policies/index.ts'
import { isUnderstood } from '../../../policies/validate/index.ts'
import { NOBODY_YET, type Account } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { principalFacts, requestContext } from '../../domain/policy-facts.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { usernameKey } from '../../domain/username.ts'
import { createBreather, inPieces } from '../breather.ts'

/** An invariant with the namespace that has it. */
export interface BindingInvariant extends ProvedRule {
  readonly namespace: string
  readonly name: string
}

/** Throws `invariant_broken` for what a newer authctl has put: nothing here shows that it holds. */
export const requireUnderstood = (snapshot: PolicySnapshot, namespaces: readonly string[]): void => {
  for (const namespace of namespaces)
    for (const [name, { invariant }] of snapshot.namespaces.get(namespace)?.invariants ?? []) {
      if (isUnderstood(invariant)) continue
      const detail = `The invariant ${name} of ${namespace} is of a newer authctl, and cannot be shown to hold by this one: make the change by a daemon that knows it.`
      const errors = [{ pointer: `invariant/${name}`, code: 'unknown', detail }]
      throw new Failure('invariant_broken', { detail, errors })
    }
}

/**
 * The invariants of these namespaces: they bind what is changed below. Throws `invariant_broken` for one that
 * is not understood.
 */
export const invariantsIn = (
  snapshot: PolicySnapshot,
  namespaces: readonly string[],
): readonly BindingInvariant[] => {
  requireUnderstood(snapshot, namespaces)
  return namespaces.flatMap((namespace) =>
    [...(snapshot.namespaces.get(namespace)?.invariants ?? [])].flatMap(([name, { invariant }]) => {
      const rule = ruleOf(invariant)
      return rule === undefined ? [] : [{ namespace, name, ...rule }]
    }),
  )
}

/** An invariant that does not hold for an account, or cannot be shown to. */
interface Broken extends BindingInvariant {
  readonly account: Account
  /** A request that breaks it; undefined: it is neither proved nor shown to be broken. */
  readonly counterexample: Counterexample | undefined
}

const whoIs = ({ id, role, attributes }: Account): string => {
  if (id !== NOBODY_YET) return id
  const known = Object.entries(attributes).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`)
  return known.length === 0 ? `a new ${role}` : `a new ${role} with ${known.join(' and ')}`
}

const inWords = ({ namespace, name, kind, account, counterexample }: Broken): string => {
  const head = `The invariant ${name} of ${namespace} (${kind})`
  const who = whoIs(account)
  if (counterexample === undefined)
    return `${head} cannot be shown to hold for ${who}: say it in the words of a policy, with the same patterns and conditions.`
  const { action, resource, context, verdict } = counterexample
  const any = resource.includes('~') ? ' (~ is any name)' : ''
  const said = Object.keys(context).length === 0 ? '' : ` with ${JSON.stringify(context)}`
  const verb = verdict === 'ALLOW' ? 'might' : 'might not'
  return `${head} would not hold: ${who} ${verb} ${action} on ${resource}${said}${any}.`
}

const toFailure = (broken: readonly Broken[]): Failure => {
  const errors = broken.map((each) => ({
    pointer: `invariant/${each.name}`,
    code: each.counterexample === undefined ? 'unproven' : 'broken',
    detail: inWords(each),
  }))
  return new Failure('invariant_broken', { detail: errors[0]?.detail ?? '', errors })
}

const pathAbove = ({ path }: Account): string | null => {
  const end = path.lastIndexOf('/')
  return end === -1 ? null : path.slice(0, end)
}

/** What is the same of all accounts of a class: they have one creator, and the same policies. */
const classOf = (account: Account, own: readonly OwnedLayer[]): string =>
  JSON.stringify([
    pathAbove(account),
    account.role,
    Object.entries(account.attributes).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    own.map(({ kind, layer }) => [kind, ...layer.policies.map(({ hash }) => hash)]),
  ])

const IS_WHO = /^(?:caller|principal)\.(?:id|path)$/

/** What is known of every account of a class: all but who it is. */
const opened = <C extends Context | PrincipalFacts>(facts: C): C =>
  Object.fromEntries(Object.entries(facts).filter(([key]) => !IS_WHO.test(key))) as C

/** An account as invariants are held against it. */
interface Asked {
  readonly account: Account
  readonly own: readonly OwnedLayer[]
  readonly above: readonly OwnedLayer[]
  readonly context: Context
  readonly principal: PrincipalFacts
}

const heldLayer = ({ principal, layer: { policies } }: OwnedLayer, binding: Binding): HeldLayer => ({
  principal,
  binding,
  allows: policies,
  denies: policies,
})

const knownAccount = ({ context, principal, own, above }: Asked): HeldAccount => ({
  caller: context,
  principal,
  binding: KNOWN,
  layers: [...own, ...above].map((layer) => heldLayer(layer, KNOWN)),
})

/** Any account of its class. */
const openAccount = ({ account, context, principal, own, above }: Asked): HeldAccount => {
  const binding = anyBelow(pathAbove(account))
  return {
    caller: opened(context),
    principal: opened(principal),
    binding,
    layers: [
      ...own.map((layer) => heldLayer({ ...layer, principal: opened(layer.principal) }, binding)),
      ...above.map((layer) => heldLayer(layer, binding)),
    ],
  }
}

/** How many patterns and values are compared for one account and one invariant, and for all together. */
const COMPARISONS_PER_PROOF = 200_000
const MAX_COMPARISONS = 100_000_000

/**
 * For accounts that can be asked about the same: the requests of invariants, and what is settled by class.
 */
interface Known {
  readonly requests: Map<BindingInvariant, Requests>
  /** The invariants that are proved for every account of a class; of the others, each is proved. */
  readonly settled: Map<string, ReadonlySet<BindingInvariant>>
}

/**
 * Holds invariants against accounts, one after the other: each as it would be, with those above it. Accounts
 * with the same policies and the same creator are proved as one where that can be. `now` in epoch
 * milliseconds.
 */
export const createInvariantCheck = (
  snapshot: PolicySnapshot,
  { invariants, now }: { readonly invariants: readonly BindingInvariant[]; readonly now: number },
) => {
  const broken: Broken[] = []
  const breathe = createBreather()
  let left = invariants
  const known = new Map<Catalogue, Known>()
  /** For those above others, by what they are: the same account may be asked with several states. */
  const layersAbove = new WeakMap<Account, readonly OwnedLayer[]>()

  const knownOf = (catalogue: Catalogue): Known => {
    const found = known.get(catalogue) ?? { requests: new Map(), settled: new Map() }
    known.set(catalogue, found)
    return found
  }

  const layersOf = (account: Account): readonly OwnedLayer[] => {
    const layers = layersAbove.get(account) ?? snapshot.layersWith(account, account)
    layersAbove.set(account, layers)
    return layers
  }

  const requestsFor = (binding: BindingInvariant, catalogue: Catalogue): Requests => {
    const { requests } = knownOf(catalogue)
    const found = requests.get(binding) ?? requestsOf(binding.rule, catalogue)
    requests.set(binding, found)
    return found
  }

  const spendAll = createBudget(MAX_COMPARISONS)
  /** For one proof, out of what there is for all: nobody holds the others up by what they write. */
  const spendOn = (): Budget => {
    const spendOne = createBudget(COMPARISONS_PER_PROOF)
    return (comparisons) => {
      spendAll(comparisons)
      spendOne(comparisons)
    }
  }

  /** Those of the invariants that are not proved for the account. */
  const unproven = async (
    about: readonly BindingInvariant[],
    held: HeldAccount,
    catalogue: Catalogue,
  ): Promise<BindingInvariant[]> => {
    const missing: BindingInvariant[] = []
    for (const binding of about) {
      await breathe()
      if (!isProven(binding.kind, requestsFor(binding, catalogue), held, spendOn())) missing.push(binding)
    }
    return missing
  }

  const breaking = async (
    about: readonly BindingInvariant[],
    asked: Asked,
    catalogue: Catalogue,
  ): Promise<Broken[]> => {
    const { account, own, above, context, principal } = asked
    const who = { id: account.id, principal, context, layers: [...own, ...above] }
    const found: Broken[] = []
    for (const binding of await unproven(about, knownAccount(asked), catalogue)) {
      const counterexample = await inPieces(
        seekCounterexample(binding.kind, requestsFor(binding, catalogue), who),
      )
      found.push({ ...binding, account, counterexample })
    }
    return found
  }

  /** Looks at one account, those above it nearest first; whether anything is left to look for. */
  const look = async (account: Account, ancestors: readonly Account[]): Promise<boolean> => {
    const { usernameKey: name } = account
    const subject = { ...account, isCalled: (other: string) => name !== null && usernameKey(other) === name }
    const about = left.filter((binding) => isAbout(binding, subject))
    if (about.length === 0) return left.length > 0
    const own = snapshot.layersWith(account, account)
    const catalogue = snapshot.catalogueOf(account)
    const { settled } = knownOf(catalogue)
    const key = `${classOf(account, own)} ${about.map(({ namespace, name: each }) => `${namespace}/${each}`).join(' ')}`
    const proven = settled.get(key)
    if (proven !== undefined && about.every((binding) => proven.has(binding))) return true
    const asked: Asked = {
      account,
      own,
      above: ancestors.flatMap(layersOf),
      context: requestContext(account, { ip: null, now }),
      principal: principalFacts(account),
    }
    const open =
      proven === undefined
        ? await unproven(about, openAccount(asked), catalogue)
        : about.filter((each) => !proven.has(each))
    settled.set(key, proven ?? new Set(about.filter((each) => !open.includes(each))))
    const found = open.length === 0 ? [] : await breaking(open, asked, catalogue)
    broken.push(...found)
    left = left.filter((binding) => !found.some((each) => each.rule === binding.rule))
    return left.length > 0
  }

  /** Throws `invariant_broken`, which names each that does not hold. */
  const finish = (): void => {
    if (broken.length > 0) throw toFailure(broken)
  }

  return { look, finish }
}
