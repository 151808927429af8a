import { holdsAll, type CompiledStatement } from '../engine/compile.ts'
import { covers, symbolsOf } from '../engine/covers.ts'
import { viewOf, type AccessRequest, type Context, type Decision } from '../engine/decide.ts'
import { matchesStatementResource } from '../engine/layer.ts'
import { matchTemplate, parseTemplate } from '../engine/template.ts'
import type { Steps } from '../steps.ts'
import { aboutAction, placedIn, structureOf, type Placed } from './placed.ts'
import { createQuestions, decisionOf, possibleActions, type Asking } from './questions.ts'
import type { AccessChange, Cause, ExaminedAccount } from './types.ts'
import type { Side } from './worth.ts'

/** What one account gains or loses by one cause; `id` is the same for the same of another account. */
export type Difference = Pick<AccessChange, 'verb' | 'action' | 'resource' | 'cause' | 'witness'> & {
  readonly id: string
}

/** What differs for an account, and whether it may do nothing any more. */
export interface Differences {
  readonly differences: readonly Difference[]
  readonly isShut: boolean
}

/** After so many questions others may be served. */
const QUESTIONS_A_STEP = 16

const without = (placed: readonly Placed[], others: readonly Placed[]): Placed[] => {
  const ids = new Set(others.map(({ id }) => id))
  return placed.filter(({ id }) => !ids.has(id))
}

const sidesOf = ({ before, after, catalogues }: ExaminedAccount): [Side, Side] => [
  { layers: before, placed: placedIn(before), catalogue: catalogues.before },
  { layers: after, placed: placedIn(after), catalogue: catalogues.after },
]

/** The facts of every request of the account: an address is what an asker says, not what it has. */
const factsOf = ({ context }: ExaminedAccount): Context =>
  Object.fromEntries(Object.entries(context).filter(([key]) => key !== 'request.ip'))

const isSameDeclaration = (name: string, [before, after]: readonly [Side, Side]): boolean => {
  const [old, fresh] = [before, after].map(({ catalogue }) => catalogue.actions.get(name))
  return old !== undefined && fresh !== undefined && String(old.resources) === String(fresh.resources)
}

/** What came and what went. */
interface Changed {
  readonly came: readonly Placed[]
  readonly went: readonly Placed[]
}

/** The actions about which a decision can be another. */
const touchedActions = (sides: readonly [Side, Side], { came, went }: Changed): string[] => {
  const [before, after] = sides
  const names = [...new Set([...before.catalogue.actions.keys(), ...after.catalogue.actions.keys()])]
  const isAll = structureOf(before.layers) !== structureOf(after.layers)
  const changed = [...came, ...went]
  return names.filter(
    (name) =>
      isAll ||
      !isSameDeclaration(name, sides) ||
      aboutAction(changed, { name, resources: [], keys: new Set() }).length > 0,
  )
}

const isMet = ({ statement, owned }: Placed, request: AccessRequest): boolean => {
  const view = viewOf(owned, request)
  return matchesStatementResource(statement, request.resource, view) && holdsAll(statement, view)
}

const causeOf = ({ policy, sid, index, effect, writtenAt }: CompiledStatement): Cause => ({
  policy: policy.name,
  sid: sid ?? null,
  index,
  effect,
  source: writtenAt ?? null,
})

/** The pattern by which a statement is about a resource, as it is written. */
const patternOf = ({ statement: { resource }, owned }: Placed, request: AccessRequest): string => {
  const all = `${request.resource.slice(0, request.resource.indexOf('/'))}/*`
  if (resource.isComplement) return all
  const view = viewOf(owned, request)
  const found = resource.patterns.findIndex((pattern) => matchTemplate(pattern, request.resource, view))
  return resource.sources[found] ?? all
}

/** The one that says more, of two patterns that match one resource. */
const narrower = (one: Placed | undefined, other: Placed | undefined, request: AccessRequest): string => {
  const [a, b] = [one, other].map((placed) => (placed === undefined ? '*' : patternOf(placed, request)))
  if (a === undefined || a === '*') return b ?? '*'
  if (b === undefined || b === '*') return a
  const symbols = (text: string) => symbolsOf(parseTemplate(text, 'glob') ?? [text])
  return covers(symbols(a), symbols(b)) ? b : a
}

const effectOf =
  (effect: 'Allow' | 'Deny') =>
  ({ statement }: Placed): boolean =>
    statement.effect === effect

/** What allowed, or denied, in one state and does not in the other. */
interface Sought {
  readonly request: Asking
  /** What is only in the state that allows. */
  readonly giving: readonly Placed[]
  /** What is only in the state that denies. */
  readonly taking: readonly Placed[]
  /** Everything about the action in the state that allows. */
  readonly all: readonly Placed[]
  readonly denial: Decision
}

/** Which statement makes the difference, and for which resources. */
const explainDifference = ({ request, giving, taking, all, denial }: Sought) => {
  const isAbout = (each: Placed): boolean => isMet(each, request)
  const given = giving.find((each) => effectOf('Allow')(each) && isAbout(each))
  const denied = taking.find(
    (each) => effectOf('Deny')(each) && each.statement === denial.statement && isAbout(each),
  )
  const allowing = all.find((each) => effectOf('Allow')(each) && each.owned.kind === 'own' && isAbout(each))
  if (denied !== undefined) return { cause: denied, resource: narrower(denied, allowing, request) }
  if (given !== undefined) return { cause: given, resource: patternOf(given, request) }
  const isOfLayer = denial.layer !== undefined
  return { cause: isOfLayer ? undefined : allowing, resource: narrower(allowing, undefined, request) }
}

const differenceOf = (
  sought: Sought,
  {
    verb,
    account,
    decisions: [before, after],
  }: {
    verb: Difference['verb']
    account: ExaminedAccount
    decisions: readonly [Decision, Decision]
  },
): Difference => {
  const { cause: placed, resource } = explainDifference(sought)
  const { action, resource: asked, said } = sought.request
  const cause = placed === undefined ? null : causeOf(placed.statement)
  return {
    id: JSON.stringify([verb, action, resource, cause?.policy, cause?.index, cause?.effect]),
    verb,
    action,
    resource,
    cause,
    witness: {
      principal: account.id,
      action,
      resource: asked,
      context: said,
      before: before.verdict,
      after: after.verdict,
    },
  }
}

/** Whether the account may do anything at all in a state. */
function* mayDoAnything(side: Side, facts: Context): Steps<boolean> {
  const questions = createQuestions(facts)
  let asked = 0
  for (const name of possibleActions(side))
    for (const request of questions([side], name)) {
      if (request === undefined || ++asked % QUESTIONS_A_STEP === 0) yield
      if (request !== undefined && decisionOf(side, request).verdict === 'ALLOW') return true
    }
  return false
}

/**
 * What an account gains and loses: every question that tells its statements apart, decided in both states. It
 * stops between questions.
 */
export function* listDifferences(account: ExaminedAccount): Steps<Differences> {
  const sides = sidesOf(account)
  const [before, after] = sides
  const [came, went] = [without(after.placed, before.placed), without(before.placed, after.placed)]
  const facts = factsOf(account)
  const questions = createQuestions(facts)
  const found = new Map<string, Difference>()
  let asked = 0
  for (const name of touchedActions(sides, { came, went })) {
    const action = { name, resources: [], keys: new Set<string>() }
    const about = { came: aboutAction(came, action), went: aboutAction(went, action) }
    for (const request of questions(sides, name)) {
      if (request === undefined || ++asked % QUESTIONS_A_STEP === 0) yield
      if (request === undefined) continue
      const decisions = [decisionOf(before, request), decisionOf(after, request)] as const
      const [was, is] = decisions.map(({ verdict }) => verdict === 'ALLOW')
      if (was === is) continue
      const verb = is === true ? 'gain' : 'lose'
      const [giving, taking] = verb === 'gain' ? [about.came, about.went] : [about.went, about.came]
      const all = aboutAction(verb === 'gain' ? after.placed : before.placed, action)
      const denial = verb === 'gain' ? decisions[0] : decisions[1]
      const difference = differenceOf({ request, giving, taking, all, denial }, { verb, account, decisions })
      if (!found.has(difference.id)) found.set(difference.id, difference)
    }
    yield
  }
  const differences = [...found.values()]
  const hasLost = differences.some(({ verb }) => verb === 'lose')
  return { differences, isShut: hasLost && !(yield* mayDoAnything(after, facts)) }
}
