import type { Report } from '../text/diagnostics.ts'
import { textOf, textsOf, type Elements, type Located } from '../text/elements.ts'
import type { JsonNode } from '../text/json.ts'
import { BOUNDS, ROLES } from '../language.ts'
import { ATTRIBUTE_NAME, isNamed } from '../names.ts'

const isAttributeName = isNamed(ATTRIBUTE_NAME)

/** The policies that can be attached here: whether one of this name can, and the names to suggest. */
export interface Attachable {
  readonly isAttachable: (name: string) => boolean
  readonly names: readonly string[]
}

/** For how many attachments one may stand by the values of its attributes: all combinations of them. */
const countOf = (values: readonly JsonNode[]): number =>
  values.reduce((count, value) => count * (value.kind === 'array' ? value.items.length : 1), 1)

/**
 * Checks `attributes`: names with a text, a number, true or false; where they select, `areSeveral`, also with
 * a list of them.
 */
export const checkAttributes = (
  elements: Elements,
  report: Report,
  { areSeveral }: { areSeveral: boolean } = { areSeveral: false },
): void => {
  const value = elements.get('attributes')?.value
  if (value === undefined) return
  if (value.kind !== 'object') return report.add('E_VALUE', value.at, 'attributes must be an object')
  if (value.members.length === 0) report.add('E_EMPTY_LIST', value.at, 'attributes names none')
  for (const { key, keyAt, value: wanted } of value.members) {
    if (!isAttributeName(key))
      report.add('E_VALUE', keyAt, `${JSON.stringify(key)} is not the name of an attribute`, {
        hint: 'Begin it with a letter or _, and go on with letters, digits, _ and -, 64 at most.',
      })
    const values = wanted.kind === 'array' && areSeveral ? wanted.items : [wanted]
    if (values.length === 0) report.add('E_EMPTY_LIST', wanted.at, `${key} is an empty list`)
    for (const each of values)
      if (each.kind !== 'string' && each.kind !== 'number' && each.kind !== 'boolean')
        report.add('E_VALUE', each.at, `${key} must be a string, a number, true or false`)
  }
  const count = countOf(value.members.map((member) => member.value))
  if (areSeveral && count > BOUNDS.selectorsPerAttachment)
    report.add(
      'E_LIMIT',
      value.at,
      `${count} combinations of attributes, of at most ${BOUNDS.selectorsPerAttachment}`,
      { hint: 'Write several attachments, or an attribute that says what these have in common.' },
    )
}

/** Checks `role`. */
export const checkRole = (elements: Elements, report: Report): void =>
  void textOf(elements, 'role', {
    isValid: (role) => (ROLES as readonly string[]).includes(role),
    rule: `one of ${ROLES.join(', ')}`,
    report,
  })

const namedIn = (elements: Elements, report: Report): Located[] => {
  const member = elements.get('policies')
  const policies = member === undefined ? [] : textsOf(member, { scalars: false, report })
  if (member !== undefined && policies.length > BOUNDS.policiesPerPrincipal)
    report.add(
      'E_LIMIT',
      member.value.at,
      `${policies.length} policies, of at most ${BOUNDS.policiesPerPrincipal}`,
      { hint: 'Attach fewer: put what belongs together into one policy.' },
    )
  const boundary = textOf(elements, 'boundary', { rule: 'the name of one policy', report })
  return boundary === undefined ? policies : [...policies, boundary]
}

/** Checks `policies` and `boundary`; a name that cannot be attached is `E_REF`. */
export const checkAttached = (
  elements: Elements,
  { isAttachable, names, report }: Attachable & { readonly report: Report },
): void => {
  for (const { text, at } of namedIn(elements, report))
    if (!isAttachable(text))
      report.add('E_REF', at, `there is no policy ${text} here`, {
        suggestion: report.nearest(text, names),
        hint: 'Create it, or correct the name: a bare name is of this namespace, root/name or adm_…/name of one above, authctl:Name comes with authctl.',
      })
}
