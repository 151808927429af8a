import {
  type Diagnostic,
  type JsonNode,
  type Member,
  type Parse,
  parseJson,
  type Position,
  positionsOf,
  readChecked,
  validateAttachments,
  validateService,
} from '../../policies/validate/index.ts'
import { diagnosticsText, errorsOf } from './diagnostics.ts'
import { Problem } from '../problem.ts'
import { readInput } from '../input/prompt.ts'
import { describeError } from '../errors/report.ts'

/** What can be put from a file. */
export type PolicyKind = 'policy' | 'service' | 'attachments'

/** A text to put, with the places that it has in its file. */
export interface PolicyText {
  readonly kind: PolicyKind
  /** As people call it. */
  readonly file: string
  readonly text: string
  /** The element of it that names it: `Id` of a policy, `service` of a service. */
  readonly ownName: string | undefined
  /** From what `get --json` prints around it: the full name, and the namespace it was read from. */
  readonly from: { readonly name?: string | undefined; readonly namespace?: string | undefined }
}

const NOUNS: Readonly<Record<PolicyKind, string>> = {
  policy: 'this policy',
  service: 'this service',
  attachments: 'these attachments',
}
const NAMED_BY: Readonly<Record<PolicyKind, string | undefined>> = {
  policy: 'Id',
  service: 'service',
  attachments: undefined,
}

const membersOf = (node: JsonNode | undefined): readonly Member[] =>
  node?.kind === 'object' ? node.members : []

const textIn = (members: readonly Member[], name: string | undefined): string | undefined => {
  const value = members.find(({ key }) => key === name)?.value
  return value?.kind === 'string' ? value.value : undefined
}

/** Everything but a part becomes blank: what is left keeps its lines and columns. */
const keepOnly = (text: string, parts: readonly (readonly [from: number, to: number])[]): string => {
  const blank = (from: number, to: number): string => text.slice(from, to).replace(/[^\r\n]/g, ' ')
  const edges = [...parts, [text.length, text.length] as const]
  return edges.map(([from, to], i) => blank(edges[i - 1]?.[1] ?? 0, from) + text.slice(from, to)).join('')
}

/**
 * Where the value of a member ends, with the blanks after it: at the comma before the next one, or at the end
 * of the object.
 */
const endOf = (text: string, members: readonly Member[], member: Member): number => {
  const next = members[members.indexOf(member) + 1]
  return next === undefined ? text.lastIndexOf('}') : text.lastIndexOf(',', next.keyAt)
}

/** What `get --json` prints around a document, and what it prints beside a list of attachments. */
const WRAPPED_IN: Readonly<Record<PolicyKind, string | undefined>> = {
  policy: 'document',
  service: 'service',
  attachments: undefined,
}
const BESIDE = ['namespace', 'revision']

const unwrap = (kind: PolicyKind, text: string, node: JsonNode): string => {
  const members = membersOf(node)
  const inner = members.find(({ key, value }) => key === WRAPPED_IN[kind] && value.kind === 'object')
  if (inner !== undefined) return keepOnly(text, [[inner.value.at, endOf(text, members, inner)]])
  const list = members.find(({ key }) => key === 'attachments')
  const isReply =
    kind === 'attachments' &&
    list !== undefined &&
    members.every((each) => each === list || BESIDE.includes(each.key))
  if (!isReply) return text
  const end = text.lastIndexOf('}')
  return keepOnly(text, [
    [node.at, node.at + 1],
    [list.keyAt, endOf(text, members, list)],
    [end, end + 1],
  ])
}

/**
 * What can be known without the server: of a policy its form, of the others everything but the names of
 * policies.
 */
const check = (kind: PolicyKind, text: string, file: string): readonly Diagnostic[] => {
  switch (kind) {
    case 'policy':
      return readChecked(text, file, () => undefined).diagnostics
    case 'service':
      return validateService(text, { file }).diagnostics
    case 'attachments':
      return validateAttachments(text, { file, isAttachable: () => true, names: [] }).diagnostics
  }
}

const refuse = (file: string, diagnostics: readonly Diagnostic[], text: string): never => {
  throw new Problem({
    code: 'policy_invalid',
    message: errorsOf(file, diagnostics),
    details: diagnostics,
    excerpt: diagnosticsText(diagnostics, () => text),
    hint: 'Each code is explained in docs/reference/policies.md.',
    exit: 'invalidPolicy',
  })
}

/** Throws `Problem` `policy_invalid` for what is no JSON, or no YAML where `parse` reads that. */
export const requireReadable = (file: string, text: string, parse: Parse | undefined): void => {
  const { diagnostics } = readChecked(text, file, () => undefined, { parse, maxBytes: Infinity })
  if (diagnostics.length > 0) refuse(file, diagnostics, text)
}

/**
 * The text of a file to put, or with `-` of standard input. What `get --json` prints is taken as well,
 * without what stands around the document. Throws `Problem` `policy_invalid` for what is wrong by itself, as
 * `policies validate` shows it.
 */
export const readPolicyText = async (path: string, kind: PolicyKind): Promise<PolicyText> => {
  const file = path === '-' ? 'standard input' : path
  const whole = await readInput(path)
  const { node, problems } = parseJson(whole)
  const isReadable = node !== undefined && problems.length === 0
  const text = isReadable ? unwrap(kind, whole, node) : whole
  const diagnostics = check(kind, text, file)
  if (diagnostics.length > 0) return refuse(file, diagnostics, text)
  const around = membersOf(node)
  return {
    kind,
    file,
    text,
    ownName: textIn(membersOf(parseJson(text).node), NAMED_BY[kind]),
    from: text === whole ? {} : { name: textIn(around, 'name'), namespace: textIn(around, 'namespace') },
  }
}

interface ServerDetail {
  /** `file:line:column`, or `/element`. */
  readonly pointer: string
  readonly code: Diagnostic['code']
  readonly detail: string
}

const PLACE = /:(\d+):(\d+)$/

/** What the server says of a text, by the places in its file. */
const diagnosticsIn = (details: readonly unknown[], { file, text }: PolicyText): Diagnostic[] => {
  const members = membersOf(parseJson(text).node)
  const placeOf = (pointer: string): Position => {
    const [, line, column] = PLACE.exec(pointer) ?? []
    if (line !== undefined) return { line: Number(line), column: Number(column) }
    const member = members.find(({ key }) => `/${key}` === pointer)
    return positionsOf(text)(member?.value.at ?? 0)
  }
  return (details as readonly ServerDetail[]).map(({ pointer, code, detail }) => ({
    file,
    ...placeOf(pointer),
    code,
    severity: 'error',
    message: detail,
    hint: '',
    suggestion: null,
  }))
}

/** Puts a text; what the server finds wrong in it is shown by the lines of its file. */
export const putText = async <T>(source: PolicyText, put: (text: string) => Promise<T>): Promise<T> => {
  const { kind, text } = source
  try {
    return await put(text)
  } catch (error) {
    const fields = describeError(error)
    if (fields.code !== 'policy_invalid') throw error
    const { details = [] } = fields
    throw new Problem(
      {
        ...fields,
        message: `the server does not accept ${NOUNS[kind]}`,
        excerpt: diagnosticsText(diagnosticsIn(details, source), () => text),
      },
      error,
    )
  }
}
