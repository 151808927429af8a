import type { Catalogue } from '../catalogue.ts'
import type { Report } from '../text/diagnostics.ts'
import { elementsOf, textOf, type Elements, type Located } from '../text/elements.ts'
import type { Member } from '../text/json.ts'
import { checkAttached, checkAttributes, checkRole, type Attachable } from '../validate/attached.ts'

const PRINCIPAL_ELEMENTS = ['role', 'creator', 'attributes', 'policies', 'boundary'] as const

/** What the parts of a file of tests are checked against. */
export interface Checking extends Attachable {
  /** The principals of the file. */
  readonly principals: ReadonlySet<string>
  readonly catalogue: Catalogue
  readonly report: Report
}

/** Reports the elements that are not there. */
export const requireElements = (
  elements: Elements,
  names: readonly string[],
  { at, report }: { at: number; report: Report },
): void => {
  for (const name of names)
    if (!elements.has(name)) report.add('E_VALUE', at, `${name} is missing`, { hint: `Add ${name}.` })
}

/** A principal that is named must be there. */
export const checkKnown = (
  element: string,
  { text, at }: Located,
  { principals, report }: Checking,
): void => {
  if (!principals.has(text))
    report.add('E_REF', at, `${element} names ${text}, which is not there`, {
      suggestion: report.nearest(text, principals),
      hint: 'Add it to the principals of the file, or correct the name.',
    })
}

/** Checks one principal of a file: its role, its creator, and what is attached to it. */
export const checkPrincipal = ({ key, value }: Member, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(value, { names: PRINCIPAL_ELEMENTS, what: `the principal ${key}`, report })
  if (elements === undefined) return
  requireElements(elements, ['role'], { at: value.at, report })
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
export const checkCycles = (members: readonly Member[], report: Report): void => {
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
