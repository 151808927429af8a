import type { Diagnostic, Report } from './diagnostics.ts'
import { elementsOf, textOf, textsOf, type Elements } from './elements.ts'
import { plainValue, type JsonNode } from './json.ts'
import { LIMITS, type Attachment } from './language.ts'
import { nearest } from './nearest.ts'
import { readChecked } from './read.ts'

/** The roles that a selector can name. */
export const SELECTABLE_ROLES = ['super-admin', 'admin', 'client', 'sub-client', 'user'] as const

const FILE_ELEMENTS = ['$schema', 'attachments'] as const
const ELEMENTS = ['to', 'policies', 'boundary'] as const
const SELECTOR_ELEMENTS = ['id', 'username', 'role', 'attributes'] as const
const ACCOUNT_ID = /^[a-z]{2,3}_[A-Za-z0-9]+$/
const ATTRIBUTE = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/

/** A list of attachments that was read, and what is wrong with it. */
export interface ValidatedAttachments {
  /** Undefined if there is an error. */
  readonly attachments: readonly Attachment[] | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** The policies that can be attached here: whether one of this name can, and the names to suggest. */
export interface Attachable {
  readonly isAttachable: (name: string) => boolean
  readonly names: readonly string[]
}

interface Checking extends Attachable {
  readonly report: Report
}

const checkAttributes = (elements: Elements, report: Report): void => {
  const value = elements.get('attributes')?.value
  if (value === undefined) return
  if (!elements.has('role'))
    report.add('E_EXCLUSIVE', value.at, 'attributes select among the accounts of a role')
  if (value.kind !== 'object') {
    report.add('E_VALUE', value.at, 'attributes must be an object')
    return
  }
  if (value.members.length === 0) report.add('E_EMPTY_LIST', value.at, 'attributes names none')
  for (const { key, keyAt, value: wanted } of value.members) {
    if (!ATTRIBUTE.test(key))
      report.add('E_VALUE', keyAt, `${JSON.stringify(key)} is not the name of an attribute`)
    if (wanted.kind !== 'string' && wanted.kind !== 'number' && wanted.kind !== 'boolean')
      report.add('E_VALUE', wanted.at, `${key} must be a text, a number, true or false`)
  }
}

const checkSelector = (node: JsonNode, report: Report): void => {
  const elements = elementsOf(node, { names: SELECTOR_ELEMENTS, what: 'a selector', report })
  if (elements === undefined) return
  const named = ['id', 'username', 'role'].filter((name) => elements.has(name))
  if (named.length !== 1)
    report.add('E_EXCLUSIVE', node.at, 'a selector has exactly one of id, username and role')
  textOf(elements, 'id', { isValid: (id) => ACCOUNT_ID.test(id), rule: 'the id of an account', report })
  textOf(elements, 'username', { isValid: (name) => name !== '', rule: 'a username', report })
  textOf(elements, 'role', {
    isValid: (role) => (SELECTABLE_ROLES as readonly string[]).includes(role),
    rule: SELECTABLE_ROLES.join(', '),
    report,
  })
  checkAttributes(elements, report)
}

const checkReferences = (elements: Elements, { isAttachable, names, report }: Checking): void => {
  const lists = ['policies', 'boundary']
    .map((name) => elements.get(name))
    .filter((member) => member !== undefined)
  for (const member of lists) {
    if (member.key === 'boundary' && member.value.kind !== 'string')
      report.add('E_VALUE', member.value.at, 'boundary must be the name of one policy')
    const found = textsOf(member, { scalars: false, report })
    if (found.length > LIMITS.policiesPerPrincipal)
      report.add(
        'E_LIMIT',
        member.value.at,
        `${found.length} policies, of at most ${LIMITS.policiesPerPrincipal}`,
      )
    for (const { text, at } of found)
      if (!isAttachable(text))
        report.add('E_REF', at, `there is no policy ${text} here`, nearest(text, names))
  }
}

const checkAttachment = (node: JsonNode, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(node, { names: ELEMENTS, what: 'an attachment', report })
  if (elements === undefined) return
  const to = elements.get('to')?.value
  if (to === undefined) report.add('E_VALUE', node.at, 'to is missing: whom the attachment is for')
  else checkSelector(to, report)
  if (!elements.has('policies') && !elements.has('boundary'))
    report.add('E_VALUE', node.at, 'an attachment has policies, a boundary, or both')
  checkReferences(elements, checking)
}

const checkFile = (node: JsonNode, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(node, { names: FILE_ELEMENTS, what: 'a file of attachments', report })
  if (elements === undefined) return
  textOf(elements, '$schema', { rule: 'a text', report })
  const list = elements.get('attachments')?.value
  if (list?.kind !== 'array') report.add('E_VALUE', list?.at ?? node.at, 'attachments must be a list')
  else for (const item of list.items) checkAttachment(item, checking)
}

/** Reads and checks a file of attachments; a name that cannot be attached is `E_REF`. */
export const validateAttachments = (
  text: string,
  { file, isAttachable, names }: Attachable & { file: string },
): ValidatedAttachments => {
  const { node, diagnostics } = readChecked(text, file, (root, report) =>
    checkFile(root, { isAttachable, names, report }),
  )
  const read = node && (plainValue(node) as { attachments: readonly Attachment[] })
  return { attachments: read?.attachments, diagnostics }
}
