import type { Catalogue } from '../catalogue.ts'
import { BOUNDS, type ROLES, type Scalar, type Verdict } from '../language.ts'
import type { Diagnostic } from '../text/diagnostics.ts'
import { elementsOf, textOf, type Elements } from '../text/elements.ts'
import { plainValue, positionsOf, type JsonNode, type Parse, type Position } from '../text/json.ts'
import { readChecked } from '../text/read.ts'
import type { Attachable } from '../validate/attached.ts'
import { checkCycles, checkPrincipal, type Checking } from './test-principals.ts'
import { checkCase, checkMatrix, checkWhoCan } from './test-questions.ts'

/**
 * An account of a test: its place in the tree, and what is attached to it besides what the attachments of the
 * set give.
 */
export interface TestPrincipal {
  readonly role: (typeof ROLES)[number]
  /** The principal that created it; without one it stands at the top. */
  readonly creator?: string
  readonly attributes?: Readonly<Record<string, Scalar>>
  readonly policies?: string | readonly string[]
  readonly boundary?: string
}

/** The circumstances of a question. */
interface Circumstances {
  readonly context?: Readonly<Record<string, Scalar | readonly string[]>>
  /** ISO 8601, or epoch seconds; the time of the request. */
  readonly clock?: string
}

/** Names of principals, actions and resources; questions are about every combination. */
interface Combinations {
  readonly principals: string | readonly string[]
  readonly actions: string | readonly string[]
  readonly resources: string | readonly string[]
}

/**
 * Questions about every combination of principals, actions and resources, and the one decision expected of
 * all of them.
 */
export interface TestCase extends Circumstances, Combinations {
  readonly name: string
  readonly expect: Verdict
  /** `policy` or `policy/Sid` of the statement that decides; of an ALLOW, of one that allows. */
  readonly statement?: string
  /** `own of NAME` or `boundary of NAME`: the layer that decides; of an ALLOW, that of the statement. */
  readonly layer?: string
}

/** A table of questions: what `allow` lists must be allowed, and every other combination denied. */
export interface TestMatrix extends Circumstances, Combinations {
  readonly name: string
  /** An element that is left out stands for all of the matrix. */
  readonly allow: readonly Partial<Combinations>[]
}

/** Who of the principals of the file may: exactly these. `policies test --update` writes them. */
export interface TestWhoCan extends Circumstances {
  readonly name: string
  readonly action: string
  readonly resource: string
  readonly principals: readonly string[]
}

/** A file of decision tests; it has at least one of `cases`, `matrices` and `whoCan`. */
export interface TestFile {
  readonly $schema?: string
  readonly principals: Readonly<Record<string, TestPrincipal>>
  readonly cases?: readonly TestCase[]
  readonly matrices?: readonly TestMatrix[]
  readonly whoCan?: readonly TestWhoCan[]
}

/** Where the tests of a file are written, in their order. */
export interface TestPlaces {
  readonly cases: readonly Position[]
  readonly matrices: readonly Position[]
  readonly whoCan: readonly Position[]
  /** Where the lists of `whoCan` begin in the text, in code units. */
  readonly snapshots: readonly number[]
}

/** A file of tests that was read, and what is wrong with it. */
export interface ValidatedTests {
  /** Undefined if there is an error. */
  readonly tests: TestFile | undefined
  readonly places: TestPlaces
  readonly diagnostics: readonly Diagnostic[]
}

/** What a file of tests asks, by the element that holds it. */
const KINDS = { cases: checkCase, matrices: checkMatrix, whoCan: checkWhoCan } as const
type Kind = keyof typeof KINDS
const KIND_NAMES = Object.keys(KINDS) as readonly Kind[]

/** The items of a list of tests. */
const itemsOf = (node: JsonNode | undefined, kind: Kind): readonly JsonNode[] => {
  const members = node?.kind === 'object' ? node.members : []
  const list = members.findLast(({ key }) => key === kind)?.value
  return list?.kind === 'array' ? list.items : []
}

const checkPrincipals = (elements: Elements, checking: Omit<Checking, 'principals'>): ReadonlySet<string> => {
  const { report } = checking
  const node = elements.get('principals')?.value
  const members = node?.kind === 'object' ? node.members : []
  if (node !== undefined && node.kind !== 'object')
    report.add('E_VALUE', node.at, 'principals must be an object')
  const principals = new Set(members.map(({ key }) => key))
  for (const member of members) checkPrincipal(member, { ...checking, principals })
  checkCycles(members, report)
  return principals
}

const checkFile = (node: JsonNode, checking: Omit<Checking, 'principals'>): void => {
  const { report } = checking
  const names = ['$schema', 'principals', ...KIND_NAMES]
  const elements = elementsOf(node, { names, what: 'a file of tests', report })
  if (elements === undefined) return
  if (!elements.has('principals'))
    report.add('E_VALUE', node.at, 'principals is missing', { hint: 'Add principals.' })
  if (!KIND_NAMES.some((kind) => elements.has(kind)))
    report.add('E_VALUE', node.at, 'cases is missing', { hint: 'Add cases, matrices or whoCan.' })
  textOf(elements, '$schema', { rule: 'a string', report })
  const principals = checkPrincipals(elements, checking)
  for (const kind of KIND_NAMES) {
    const list = elements.get(kind)?.value
    if (list !== undefined && list.kind !== 'array') report.add('E_VALUE', list.at, `${kind} must be a list`)
    for (const item of list?.kind === 'array' ? list.items : [])
      KINDS[kind](item, { ...checking, principals })
  }
}

const snapshotAt = (node: JsonNode): number => {
  const members = node.kind === 'object' ? node.members : []
  return members.findLast(({ key }) => key === 'principals')?.value.at ?? node.at
}

const placesOf = (node: JsonNode | undefined, text: string): TestPlaces => {
  const positionOf = positionsOf(text)
  const of = (kind: Kind): Position[] => itemsOf(node, kind).map(({ at }) => positionOf(at))
  return {
    cases: of('cases'),
    matrices: of('matrices'),
    whoCan: of('whoCan'),
    snapshots: itemsOf(node, 'whoCan').map(snapshotAt),
  }
}

/**
 * Reads and checks a file of decision tests: its form, that what it names is there, and that its questions
 * are such as the daemon takes: a declared action, a canonical resource, a context of declared keys whose
 * values are of their types, with every key that is declared as always there.
 */
export const validateTests = (
  text: string,
  options: Attachable & {
    readonly file: string
    readonly catalogue: Catalogue
    readonly parse?: Parse | undefined
  },
): ValidatedTests => {
  const { node, diagnostics } = readChecked(
    text,
    options.file,
    (root, report) => checkFile(root, { ...options, report }),
    { maxBytes: BOUNDS.testFileBytes, parse: options.parse },
  )
  return { tests: node && (plainValue(node) as TestFile), places: placesOf(node, text), diagnostics }
}
