import type { Diagnostic, Report } from '../text/diagnostics.ts'
import { elementsOf, textOf, textsOf, type Elements, type Located } from '../text/elements.ts'
import { plainValue, type JsonNode, type Member } from '../text/json.ts'
import { VERDICTS, type ROLES, type Scalar, type Verdict } from '../language.ts'
import { readChecked } from '../text/read.ts'
import { checkAttached, checkAttributes, checkRole, type Attachable } from '../validate/attached.ts'
import { parseDate } from '../engine/values.ts'

/**
 * An account of a test: its place in the tree, and what is attached to it besides what the attachments of the
 * set give.
 */
export interface TestPrincipal {
  readonly role: (typeof ROLES)[number]
  /** The principal that created it; without one it stands at the top. */
  readonly creator?: string
  readonly attributes?: Readonly<Record<string, Scalar>>
  readonly policies?: readonly string[]
  readonly boundary?: string
}

/**
 * Questions about every combination of principals, actions and resources, and the one decision expected of
 * all of them.
 */
export interface TestCase {
  readonly name: string
  readonly principals: string | readonly string[]
  readonly actions: string | readonly string[]
  readonly resources: string | readonly string[]
  readonly context?: Readonly<Record<string, Scalar | readonly string[]>>
  /** ISO 8601; the time of the request. */
  readonly clock?: string
  readonly expect: Verdict
  /** `policy` or `policy/Sid` of the statement that decides. */
  readonly statement?: string
}

/** A file of decision tests. */
export interface TestFile {
  readonly $schema?: string
  readonly principals: Readonly<Record<string, TestPrincipal>>
  readonly cases: readonly TestCase[]
}

/** A file of tests that was read, and what is wrong with it. */
export interface ValidatedTests {
  /** Undefined if there is an error. */
  readonly tests: TestFile | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const PRINCIPAL_ELEMENTS = ['role', 'creator', 'attributes', 'policies', 'boundary'] as const
const CASE_ELEMENTS = [
  'name',
  'principals',
  'actions',
  'resources',
  'context',
  'clock',
  'expect',
  'statement',
] as const

interface Checking extends Attachable {
  /** The principals of the file. */
  readonly principals: ReadonlySet<string>
  readonly report: Report
}

const require = (
  elements: Elements,
  names: readonly string[],
  { at, report }: { at: number; report: Report },
): void => {
  for (const name of names)
    if (!elements.has(name)) report.add('E_VALUE', at, `${name} is missing`, { hint: `Add ${name}.` })
}

/** A principal that is named must be there. */
const checkKnown = (element: string, { text, at }: Located, { principals, report }: Checking): void => {
  if (!principals.has(text))
    report.add('E_REF', at, `${element} names ${text}, which is not there`, {
      suggestion: report.nearest(text, principals),
      hint: 'Add it to the principals of the file, or correct the name.',
    })
}

const checkPrincipal = ({ key, value }: Member, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(value, { names: PRINCIPAL_ELEMENTS, what: `the principal ${key}`, report })
  if (elements === undefined) return
  require(elements, ['role'], { at: value.at, report })
  checkRole(elements, report)
  const creator = textOf(elements, 'creator', { rule: 'the name of one principal', report })
  if (creator !== undefined) checkKnown('creator', creator, checking)
  checkAttributes(elements, report)
  checkAttached(elements, checking)
}

/** The creators of a principal's file, as far as they are written. */
const creatorsOf = (members: readonly Member[]): ReadonlyMap<string, string> =>
  new Map(
    members.flatMap(({ key, value }) => {
      const creator =
        value.kind === 'object' ? value.members.find((each) => each.key === 'creator')?.value : undefined
      return creator?.kind === 'string' ? [[key, creator.value] as const] : []
    }),
  )

/** The way up from a principal to where it ends, or to one whose way is known already. */
const wayUp = (
  from: string,
  creators: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
): { way: ReadonlySet<string>; end: string | undefined } => {
  const way = new Set<string>()
  let next: string | undefined = from
  while (next !== undefined && !known.has(next) && !way.has(next)) {
    way.add(next)
    next = creators.get(next)
  }
  return { way, end: next }
}

const MAX_NAMED = 5

/**
 * Nobody stands above themselves. Every principal is passed once; a ring is reported where its first is
 * written.
 */
const checkCycles = (members: readonly Member[], report: Report): void => {
  const creators = creatorsOf(members)
  const places = new Map(members.map(({ key, keyAt }) => [key, keyAt]))
  const placeOf = (name: string): number => places.get(name) ?? 0
  const known = new Set<string>()
  for (const { key } of members) {
    const { way, end } = wayUp(key, creators, known)
    for (const name of way) known.add(name)
    if (end === undefined || !way.has(end)) continue
    const names = [...way]
    const ring = names.slice(names.indexOf(end)).sort((a, b) => placeOf(a) - placeOf(b))
    const [first = end] = ring
    const more = ring.length > MAX_NAMED ? `, and ${ring.length - MAX_NAMED} more` : ''
    const message = `${first} stands above itself: ${ring.slice(0, MAX_NAMED).join(', ')}${more}`
    report.add('E_CYCLE', placeOf(first), message)
  }
}

/** A value of a context: a text, a number, true or false, or a list of texts. */
const isContextValue = (node: JsonNode): boolean =>
  node.kind === 'array'
    ? node.items.every(({ kind }) => kind === 'string')
    : node.kind === 'string' || node.kind === 'number' || node.kind === 'boolean'

const checkContext = (elements: Elements, report: Report): void => {
  const context = elements.get('context')?.value
  if (context === undefined) return
  if (context.kind !== 'object') return report.add('E_VALUE', context.at, 'context must be an object')
  for (const { key, value } of context.members)
    if (!isContextValue(value))
      report.add(
        'E_VALUE',
        value.at,
        `${key} must be a string, a number, true or false, or a list of strings`,
      )
}

const checkCase = (node: JsonNode, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(node, { names: CASE_ELEMENTS, what: 'a case', report })
  if (elements === undefined) return
  require(elements, ['name', 'principals', 'actions', 'resources', 'expect'], { at: node.at, report })
  textOf(elements, 'name', { rule: 'a string', report })
  for (const name of ['principals', 'actions', 'resources']) {
    const member = elements.get(name)
    const texts = member === undefined ? [] : textsOf(member, { scalars: false, report })
    if (name === 'principals') for (const text of texts) checkKnown(name, text, checking)
  }
  checkContext(elements, report)
  textOf(elements, 'clock', {
    isValid: (text) => parseDate(text) !== undefined,
    rule: 'an instant such as 2026-01-31T08:00:00Z',
    report,
  })
  textOf(elements, 'expect', {
    isValid: (text) => (VERDICTS as readonly string[]).includes(text),
    rule: `one of ${VERDICTS.join(', ')}`,
    report,
  })
  textOf(elements, 'statement', { rule: 'policy or policy/Sid', report })
}

const checkFile = (node: JsonNode, attachable: Attachable & { report: Report }): void => {
  const { report } = attachable
  const elements = elementsOf(node, {
    names: ['$schema', 'principals', 'cases'],
    what: 'a file of tests',
    report,
  })
  if (elements === undefined) return
  require(elements, ['principals', 'cases'], { at: node.at, report })
  textOf(elements, '$schema', { rule: 'a string', report })
  const principals = elements.get('principals')?.value
  const members = principals?.kind === 'object' ? principals.members : []
  if (principals !== undefined && principals.kind !== 'object')
    report.add('E_VALUE', principals.at, 'principals must be an object')
  const checking = { ...attachable, principals: new Set(members.map(({ key }) => key)) }
  for (const member of members) checkPrincipal(member, checking)
  checkCycles(members, report)
  const cases = elements.get('cases')?.value
  if (cases !== undefined && cases.kind !== 'array') report.add('E_VALUE', cases.at, 'cases must be a list')
  for (const item of cases?.kind === 'array' ? cases.items : []) checkCase(item, checking)
}

/**
 * Reads and checks a file of decision tests: its form, and that what it names is there. Running them is
 * another matter.
 */
export const validateTests = (text: string, options: Attachable & { file: string }): ValidatedTests => {
  const { node, diagnostics } = readChecked(text, options.file, (root, report) =>
    checkFile(root, { ...options, report }),
  )
  return { tests: node && (plainValue(node) as TestFile), diagnostics }
}
