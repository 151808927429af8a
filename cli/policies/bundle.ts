import {
  parseJson,
  positionsOf,
  type JsonNode,
  type Member,
  type Parse,
} from '../../policies/validate/index.ts'
import { localProblem } from '../problem.ts'
import { SET_FILE, type FileText, type Place, type PolicyFolder } from './folder.ts'
import { requireReadable } from './text.ts'

/** Whether a text holds a whole set: it names one, and has lists of objects beside the name. */
export const isBundle = (node: JsonNode | undefined): boolean =>
  node?.kind === 'object' &&
  node.members.some(({ key }) => key === 'set') &&
  node.members.some(({ key }) => key in FOLDERS || key === 'attachments')

const FOLDERS = { services: 'service', documents: 'Id', invariants: 'invariant' } as const
const ELEMENTS: readonly string[] = ['set', 'attachments', ...Object.keys(FOLDERS)]
/** So many bytes of attachments go into one file: less than a file may have. */
const PART_LENGTH = 32 * 1024

/** A part of a text as a file of its own, and how far its places are from those of the whole. */
interface Part extends FileText {
  readonly lines: number
  /** In the first line of the part. */
  readonly columns: number
}

/** What is cut out of a text. */
interface Whole {
  readonly text: string
  readonly parse: Parse | undefined
}

/** Cuts texts out of one that was read. Lines of YAML keep their indentation. */
const createCutter = ({ text, parse }: Whole) => {
  const positionOf = positionsOf(text)
  const extension = parse === undefined ? 'json' : 'yaml'
  return {
    /** `lead` stands before the part and `trail` behind it, as of `[from, to)`. */
    cut: (name: string, [from, to]: readonly [number, number], { lead = '', trail = '' } = {}): Part => {
      const { line, column } = positionOf(from)
      const isFlow = parse === undefined || text[from] === '{'
      const blanks = isFlow ? '' : ' '.repeat(column - 1)
      const before = isFlow ? lead : lead && `${lead}\n`
      return {
        path: `${name}.${extension}`,
        text: before + blanks + text.slice(from, to) + (isFlow ? trail : ''),
        ...(parse === undefined ? {} : { parse }),
        lines: line - 1 - (isFlow || lead === '' ? 0 : 1),
        columns: isFlow ? column - 1 - lead.length : 0,
      }
    },
    lineStart: (at: number): number => text.lastIndexOf('\n', at - 1) + 1,
  }
}

type Cutter = ReturnType<typeof createCutter>
type ObjectNode = Extract<JsonNode, { kind: 'object' }>

const objectsIn = ({ members }: ObjectNode, key: string): readonly ObjectNode[] => {
  const list = members.find((member) => member.key === key)?.value
  return list?.kind === 'array' ? list.items.filter((item) => item.kind === 'object') : []
}

const textIn = (members: readonly Member[], key: string): string | undefined => {
  const value = members.find((member) => member.key === key)?.value
  return value?.kind === 'string' && /^[A-Za-z0-9._-]+$/.test(value.value) ? value.value : undefined
}

const objectParts = (node: ObjectNode, { cut }: Cutter): Part[] => {
  const taken = new Set<string>()
  return Object.entries(FOLDERS).flatMap(([folder, element]) =>
    objectsIn(node, folder).map((each, index) => {
      const name = `${folder}/${textIn(each.members, element) ?? index}`
      const path = taken.has(name) ? `${name}.${index}` : name
      taken.add(path)
      return cut(path, [each.at, each.end])
    }),
  )
}

const attachmentParts = (node: ObjectNode, text: string, { cut, lineStart }: Cutter): Part[] => {
  const list = node.members.find(({ key }) => key === 'attachments')?.value
  const isFlow = text[list?.at ?? 0] === '['
  const runs: (readonly [number, number])[] = []
  for (const { at, end } of objectsIn(node, 'attachments')) {
    const [from] = runs.at(-1) ?? []
    if (from !== undefined && end - from <= PART_LENGTH) runs[runs.length - 1] = [from, end]
    else runs.push([isFlow ? at : lineStart(at), end])
  }
  return runs.map((run, index) =>
    isFlow
      ? cut(`attachments/${index}`, run, { lead: '{"attachments": [', trail: ']}' })
      : cut(`attachments/${index}`, run, { lead: 'attachments:' }),
  )
}

const readerOf = async (text: string): Promise<Parse | undefined> => {
  if (parseJson(text).node !== undefined || /^\s*[{[]/.test(text)) return undefined
  const { parseYaml } = await import('../../policies/yaml/index.ts')
  return parseYaml
}

const noBundle = (name: string, what: string) =>
  localProblem(
    'no_set',
    `${name} ${what}`,
    'One text holds a set as `authctl policies export` prints it: {"set": "acme", "services": [], "documents": [], "attachments": []}',
    'invalidPolicy',
  )

const setNode = (node: JsonNode | undefined, name: string): ObjectNode & { readonly set: JsonNode } => {
  const members = node?.kind === 'object' ? node.members : []
  const set = members.find(({ key }) => key === 'set')?.value
  if (node?.kind !== 'object' || set === undefined) throw noBundle(name, 'names no set')
  const unknown = members.find(({ key }) => !ELEMENTS.includes(key))
  if (unknown !== undefined) throw noBundle(name, `has ${JSON.stringify(unknown.key)} beside its set`)
  const broken = members.find(
    ({ key, value }) =>
      key !== 'set' && !(value.kind === 'array' && value.items.every(({ kind }) => kind === 'object')),
  )
  if (broken !== undefined) throw noBundle(name, `has under ${broken.key} what is no list of objects`)
  return { ...node, set }
}

/**
 * A set in one text, JSON or YAML, as `policies export` prints it: each object as the file that it would be,
 * and all places as those of the text. Throws `Problem` for what holds no set.
 */
export const readBundle = async (name: string, text: string): Promise<PolicyFolder> => {
  const parse = await readerOf(text)
  requireReadable(name, text, parse)
  const node = setNode((parse ?? parseJson)(text).node, name)
  const cutter = createCutter({ text, parse })
  const set = node.set.kind === 'string' ? JSON.stringify(node.set.value) : 'null'
  const { line, column } = positionsOf(text)(node.set.at)
  const lead = '{"set": '
  const head = { path: SET_FILE, text: `${lead}${set}}`, lines: line - 1, columns: column - 1 - lead.length }
  const files: Part[] = [head, ...objectParts(node, cutter), ...attachmentParts(node, text, cutter)]
  const parts = new Map(files.map((each) => [each.path, each]))
  return {
    root: name,
    whole: { path: name, text, ...(parse === undefined ? {} : { parse }) },
    files: files.map(({ lines: _lines, columns: _columns, ...file }) => file),
    shown: <T extends Place>(found: T): T => {
      const { lines = 0, columns = 0 } = parts.get(found.file) ?? {}
      const shift = found.line === 1 ? columns : 0
      return { ...found, file: name, line: found.line + lines, column: Math.max(1, found.column + shift) }
    },
    textOf: (file) => (file === name ? text : undefined),
  }
}
