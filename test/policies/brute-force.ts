import type { Context } from '../../policies/engine/decide.ts'
import type { Statement } from '../../policies/language.ts'
import { CATALOGUE, contextOf, factsOf, lineOf, roleOf, type Node, type State } from './plan-world.ts'
import { matches, type ReferenceLayer } from './reference.ts'

/*
 * Every question of a small world, decided by what the words of the language say and not by the engine. What
 * is written is few: each pattern and each condition is asked once for each account, and what it answers in
 * all circumstances is kept as the bits of a number. A decision is then some ands and ors.
 */

const segments = ['a', 'b', 'ab', 'cd', 'none', 'gold']
const RESOURCES = ['order', 'item'].flatMap((type) => [
  ...segments.map((one) => `${type}/${one}`),
  ...segments.flatMap((one) => ['a', 'b', 'ab', 'z'].map((other) => `${type}/${one}/${other}`)),
  `${type}/a/b/b`,
  `${type}/a/cd/a`,
  `${type}/b/ce/z`,
])
const SAID = ['shop.total', 'shop.tag', 'shop.owner', 'shop.tags', 'request.ip']
const TAGS = [undefined, 'a', 'b', 'ab', 'z', 'cd', 'gold']
const OWNERS = [undefined, 'a', 'b', 'cc']
const CONTEXTS: readonly Context[] = [2, 3, 5].flatMap((total) =>
  TAGS.flatMap((tag) =>
    OWNERS.flatMap((owner) =>
      [undefined, '10.0.0.1', '10.1.0.1', '192.0.2.7'].flatMap((ip) =>
        [undefined, ['x'], ['x', 'z'], ['z']].map((tags) => ({
          'shop.total': total,
          ...(tag === undefined ? {} : { 'shop.tag': tag }),
          ...(owner === undefined ? {} : { 'shop.owner': owner }),
          ...(tags === undefined ? {} : { 'shop.tags': tags }),
          ...(ip === undefined ? {} : { 'request.ip': ip }),
        })),
      ),
    ),
  ),
)
const ALL = (1n << BigInt(CONTEXTS.length)) - 1n

/** The circumstances that are alike to what names only these keys, as bits, each with one of them. */
const alike = (keys: readonly string[]): [Context, bigint][] => {
  const found = new Map<string, [Context, bigint]>()
  for (const [n, context] of CONTEXTS.entries()) {
    const kind = JSON.stringify(keys.map((key) => context[key] ?? null))
    const [first, bits] = found.get(kind) ?? [context, 0n]
    found.set(kind, [first, bits | (1n << BigInt(n))])
  }
  return [...found.values()]
}

/** Keeps what was made for a text. */
const createKept = <T>(): ((text: string, make: () => T) => T) => {
  const known = new Map<string, T>()
  return (text, make) => {
    const found = known.get(text) ?? make()
    known.set(text, found)
    return found
  }
}

const groups = createKept<readonly [Context, bigint][]>()

/** In which circumstances the statement matches; it is asked once for all that it cannot tell apart. */
const bitsOf = (statement: Statement, resource: string, [owner, caller]: readonly [Node, Node]): bigint => {
  const words = JSON.stringify(statement)
  const keys = SAID.filter((key) => words.includes(key))
  const principal = factsOf('principal', owner)
  let bits = 0n
  for (const [said, those] of groups(String(keys), () => alike(keys))) {
    const request = { action: 'shop:Read', resource, context: { ...contextOf(caller), ...said } }
    if (matches(statement, request, principal)) bits |= those
  }
  return bits
}

/** What is written in a layer of the owner, for requests of the caller. */
interface Place {
  /** In which circumstances the conditions hold. */
  readonly conditions: (statement: Statement) => bigint
  /** In which circumstances the pattern matches each resource. */
  readonly pattern: (written: string) => readonly bigint[]
}

const placeOf = (owner: Node, caller: Node): Place => {
  const [conditions, patterns] = [createKept<bigint>(), createKept<readonly bigint[]>()]
  return {
    conditions: ({ Effect, Condition = {} }) =>
      conditions(Effect + JSON.stringify(Condition), () =>
        bitsOf({ Effect, Action: '*', Resource: '*', Condition }, 'order/a', [owner, caller]),
      ),
    pattern: (Resource) =>
      patterns(Resource, () =>
        RESOURCES.map((each) => bitsOf({ Effect: 'Allow', Action: '*', Resource }, each, [owner, caller])),
      ),
  }
}
const places = createKept<Place>()

const actions = createKept<boolean>()
const isAbout = ({ Action, NotAction }: Statement, action: string): boolean =>
  actions(JSON.stringify([action, Action, NotAction]), () => {
    const element = Action === undefined ? { NotAction: NotAction ?? [] } : { Action }
    const statement: Statement = { Effect: 'Allow', ...element, Resource: '*' }
    return matches(statement, { action, resource: 'order/a', context: {} }, {})
  })

/** In which circumstances each of the statements matches each resource. */
const matched = (statements: readonly Statement[], action: string, place: Place) =>
  statements
    .filter((statement) => isAbout(statement, action))
    .map((statement) => {
      const { Effect, Resource, NotResource } = statement
      const holding = place.conditions(statement)
      const patterns = [Resource ?? NotResource ?? []].flat().map(place.pattern)
      const at = (n: number): bigint => {
        const bits = patterns.reduce((some, each) => some | (each[n] ?? 0n), 0n)
        return (Resource === undefined ? ALL & ~bits : bits) & holding
      }
      return { Effect, at }
    })

/** In which circumstances an account may do this to each resource. */
const allowed = (state: State, node: Node, action: string): ((n: number) => bigint) => {
  const layers = lineOf(node).flatMap((owner) => {
    const { own, boundary } = state[roleOf(owner)].given
    const place = places(`${owner.path} ${node.path}`, () => placeOf(owner, node))
    return [own, ...(boundary === null ? [] : [boundary])].map((each) => matched(each, action, place))
  })
  return (n) => {
    let [may, denied] = [ALL, 0n]
    for (const statements of layers) {
      let allows = 0n
      for (const { Effect, at } of statements)
        if (Effect === 'Allow') allows |= at(n)
        else denied |= at(n)
      may &= allows
    }
    return may & ~denied
  }
}

/** The layers of an account as their words are read. */
export const wordsOf = (state: State, node: Node): ReferenceLayer[] =>
  lineOf(node).flatMap((owner) => {
    const { own, boundary } = state[roleOf(owner)].given
    const principal = factsOf('principal', owner)
    return [own, ...(boundary === null ? [] : [boundary])].map((statements) => ({ statements, principal }))
  })

/** Every question of a small world, decided in both states: `gain shop:Read` and the like. */
export const bruteForce = (before: State, after: State, node: Node): Set<string> => {
  const found = new Set<string>()
  for (const action of ['shop:Read', 'shop:Write']) {
    const [was, is] = [allowed(before, node, action), allowed(after, node, action)]
    for (const [n, resource] of RESOURCES.entries()) {
      const type = resource.slice(0, resource.indexOf('/'))
      if (!CATALOGUE.actions.get(action)?.resources.includes(type)) continue
      const [old, fresh] = [was(n), is(n)]
      if ((fresh & ~old) !== 0n) found.add(`gain ${action}`)
      if ((old & ~fresh) !== 0n) found.add(`lose ${action}`)
    }
  }
  return found
}
