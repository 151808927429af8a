import type { Diagnostic, Report } from '../text/diagnostics.ts'
import { elementsOf, textOf } from '../text/elements.ts'
import { plainValue, positionsOf, type JsonNode, type Parse } from '../text/json.ts'
import type { Attachment } from '../language.ts'
import { ACCOUNT_ID, isNamed } from '../names.ts'
import { readChecked } from '../text/read.ts'
import { eachAttachment, type WrittenAttachment } from './selectors.ts'
import { checkAttached, checkAttributes, checkRole, type Attachable } from './attached.ts'

const FILE_ELEMENTS = ['$schema', 'attachments'] as const
const ELEMENTS = ['to', 'policies', 'boundary'] as const
const SELECTOR_ELEMENTS = ['id', 'username', 'role', 'attributes'] as const

const isAccountId = isNamed(ACCOUNT_ID)

/** A list of attachments that was read, and what is wrong with it. */
export interface ValidatedAttachments {
  /** Those with one value for each attribute, in their order; undefined if there is an error. */
  readonly attachments: readonly Attachment[] | undefined
  /** For each the number of the entry of the file that stands for it. */
  readonly entries: readonly number[]
  /** Where each of them stands, as `file:line:column`. */
  readonly writtenAt: readonly string[]
  readonly diagnostics: readonly Diagnostic[]
}

interface Checking extends Attachable {
  readonly report: Report
}

/** Checks a selector: whom something is for; `areSeveral`: its attributes may have one of several values. */
export const checkSelector = (
  node: JsonNode,
  report: Report,
  { areSeveral }: { areSeveral: boolean } = { areSeveral: false },
): void => {
  const elements = elementsOf(node, { names: SELECTOR_ELEMENTS, what: 'a selector', report })
  if (elements === undefined) return
  const named = ['id', 'username', 'role'].filter((name) => elements.has(name))
  if (named.length !== 1)
    report.add('E_EXCLUSIVE', node.at, 'a selector has exactly one of id, username and role', {
      hint: 'Name one account by its id or username, or all of a role.',
    })
  textOf(elements, 'id', { isValid: isAccountId, rule: 'the id of an account', report })
  textOf(elements, 'username', { isValid: (name) => name !== '', rule: 'a username', report })
  checkRole(elements, report)
  const attributes = elements.get('attributes')
  if (attributes !== undefined && !elements.has('role'))
    report.add('E_EXCLUSIVE', attributes.keyAt, 'attributes select among the accounts of a role', {
      hint: 'Name the role, or leave attributes out.',
    })
  checkAttributes(elements, report, { areSeveral })
}

const checkAttachment = (node: JsonNode, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(node, { names: ELEMENTS, what: 'an attachment', report })
  if (elements === undefined) return
  const to = elements.get('to')?.value
  if (to === undefined)
    report.add('E_VALUE', node.at, 'to is missing: whom the attachment is for', {
      hint: 'Write "to": {"id": …}, {"username": …} or {"role": …}.',
    })
  else checkSelector(to, report, { areSeveral: true })
  if (!elements.has('policies') && !elements.has('boundary'))
    report.add('E_VALUE', node.at, 'an attachment has policies, a boundary, or both', {
      hint: 'Name what is attached, or leave the attachment out.',
    })
  checkAttached(elements, checking)
}

const checkFile = (node: JsonNode, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(node, { names: FILE_ELEMENTS, what: 'a file of attachments', report })
  if (elements === undefined) return
  textOf(elements, '$schema', { rule: 'a string', report })
  const list = elements.get('attachments')?.value
  if (list?.kind !== 'array') report.add('E_VALUE', list?.at ?? node.at, 'attachments must be a list')
  else for (const item of list.items) checkAttachment(item, checking)
}

const placesOf = (node: JsonNode | undefined, { file, text }: { file: string; text: string }): string[] => {
  const list =
    node?.kind === 'object' ? node.members.find(({ key }) => key === 'attachments')?.value : undefined
  if (list?.kind !== 'array') return []
  const positionOf = positionsOf(text)
  return list.items.map(({ at }) => {
    const { line, column } = positionOf(at)
    return `${file}:${line}:${column}`
  })
}

/** Reads and checks a file of attachments; a name that cannot be attached is `E_REF`. */
export const validateAttachments = (
  text: string,
  { file, isAttachable, names, parse }: Attachable & { file: string; parse?: Parse | undefined },
): ValidatedAttachments => {
  const check = (root: JsonNode, report: Report): void => checkFile(root, { isAttachable, names, report })
  const { node, diagnostics } = readChecked(text, file, check, { parse })
  const written = (node && (plainValue(node) as { attachments: readonly WrittenAttachment[] }))?.attachments
  const each = written?.map(eachAttachment)
  const entries = (each ?? []).flatMap((attachments, entry) => attachments.map(() => entry))
  const places = placesOf(node, { file, text })
  const writtenAt = entries.map((entry) => places[entry] ?? file)
  return { attachments: each?.flat(), entries, writtenAt, diagnostics }
}
