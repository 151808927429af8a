import type { Diagnostic, Report } from './diagnostics.ts'
import { elementsOf, textOf, textsOf, type Elements } from './elements.ts'
import { plainValue, type JsonNode, type Member } from './json.ts'
import type { Scalar } from './language.ts'
import { nearest } from './nearest.ts'
import { readChecked } from './read.ts'
import { SELECTABLE_ROLES, type Attachable } from './validate-attachments.ts'
import { parseDate } from './values.ts'

export const VERDICTS = ['ALLOW', 'DENY_EXPLICIT', 'DENY_IMPLICIT'] as const

/** An account of a test: its place in the tree, and what is attached to it besides what the attachments of the set give. */
export interface TestPrincipal {
  readonly role: (typeof SELECTABLE_ROLES)[number]
  /** The principal that created it; without one it stands at the top. */
  readonly creator?: string
  readonly attributes?: Readonly<Record<string, Scalar>>
  readonly policies?: readonly string[]
  readonly boundary?: string
}

/** Questions about every combination of principals, actions and resources, and the one decision expected of all of them. */
export interface TestCase {
  readonly name: string
  readonly principals: string | readonly string[]
  readonly actions: string | readonly string[]
  readonly resources: string | readonly string[]
  readonly context?: Readonly<Record<string, Scalar | readonly string[]>>
  /** ISO 8601; the time of the request. */
  readonly clock?: string
  readonly expect: (typeof VERDICTS)[number]
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

const isOneOf =
  (allowed: readonly string[]) =>
  (text: string): boolean =>
    allowed.includes(text)

const require = (
  elements: Elements,
  names: readonly string[],
  { at, report }: { at: number; report: Report },
): void => {
  for (const name of names) if (!elements.has(name)) report.add('E_VALUE', at, `${name} is missing`)
}

/** Names of an element that must be known. */
const checkNames = (
  member: Member | undefined,
  {
    isKnown,
    names,
    report,
  }: { isKnown: (name: string) => boolean; names: readonly string[]; report: Report },
): void => {
  if (member === undefined) return
  for (const { text, at } of textsOf(member, { scalars: false, report }))
    if (!isKnown(text))
      report.add('E_REF', at, `${member.key} names ${text}, which is not there`, nearest(text, names))
}

const checkPrincipal = (
  { key, value }: Member,
  principals: readonly string[],
  { isAttachable, names, report }: Attachable & { report: Report },
): void => {
  const elements = elementsOf(value, { names: PRINCIPAL_ELEMENTS, what: `the principal ${key}`, report })
  if (elements === undefined) return
  require(elements, ['role'], { at: value.at, report })
  textOf(elements, 'role', { isValid: isOneOf(SELECTABLE_ROLES), rule: SELECTABLE_ROLES.join(', '), report })
  checkNames(elements.get('creator'), { isKnown: isOneOf(principals), names: principals, report })
  for (const name of ['policies', 'boundary'])
    checkNames(elements.get(name), { isKnown: isAttachable, names, report })
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

/** Nobody stands above themselves. */
const checkCycles = (members: readonly Member[], report: Report): void => {
  const creators = creatorsOf(members)
  const reported = new Set<string>()
  for (const { key, keyAt } of members) {
    const above = new Set<string>()
    for (let next = creators.get(key); next !== undefined && !above.has(next); next = creators.get(next))
      above.add(next)
    if (!above.has(key) || reported.has(key)) continue
    report.add('E_CYCLE', keyAt, `${key} stands above itself: ${[...above].join(', ')}`)
    for (const name of above) reported.add(name)
  }
}

const checkCase = (node: JsonNode, principals: readonly string[], report: Report): void => {
  const elements = elementsOf(node, { names: CASE_ELEMENTS, what: 'a case', report })
  if (elements === undefined) return
  require(elements, ['name', 'principals', 'actions', 'resources', 'expect'], { at: node.at, report })
  textOf(elements, 'name', { rule: 'a text', report })
  checkNames(elements.get('principals'), { isKnown: isOneOf(principals), names: principals, report })
  for (const name of ['actions', 'resources']) {
    const member = elements.get(name)
    if (member !== undefined) textsOf(member, { scalars: false, report })
  }
  const context = elements.get('context')?.value
  if (context !== undefined && context.kind !== 'object')
    report.add('E_VALUE', context.at, 'context must be an object')
  textOf(elements, 'clock', {
    isValid: (text) => parseDate(text) !== undefined,
    rule: 'an instant in ISO 8601',
    report,
  })
  textOf(elements, 'expect', { isValid: isOneOf(VERDICTS), rule: VERDICTS.join(', '), report })
  textOf(elements, 'statement', { rule: 'policy or policy/Sid', report })
}

const checkFile = (node: JsonNode, checking: Attachable & { report: Report }): void => {
  const { report } = checking
  const elements = elementsOf(node, {
    names: ['$schema', 'principals', 'cases'],
    what: 'a file of tests',
    report,
  })
  if (elements === undefined) return
  require(elements, ['principals', 'cases'], { at: node.at, report })
  const principals = elements.get('principals')?.value
  const members = principals?.kind === 'object' ? principals.members : []
  if (principals !== undefined && principals.kind !== 'object')
    report.add('E_VALUE', principals.at, 'principals must be an object')
  const names = members.map(({ key }) => key)
  for (const member of members) checkPrincipal(member, names, checking)
  checkCycles(members, report)
  const cases = elements.get('cases')?.value
  if (cases !== undefined && cases.kind !== 'array') report.add('E_VALUE', cases.at, 'cases must be a list')
  for (const item of cases?.kind === 'array' ? cases.items : []) checkCase(item, names, report)
}

/** Reads and checks a file of decision tests: its form, and that what it names is there. Running them is another matter. */
export const validateTests = (text: string, options: Attachable & { file: string }): ValidatedTests => {
  const { node, diagnostics } = readChecked(text, options.file, (root, report) =>
    checkFile(root, { ...options, report }),
  )
  return { tests: node && (plainValue(node) as TestFile), diagnostics }
}
