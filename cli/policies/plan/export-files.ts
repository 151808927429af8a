import { canonicalText, type PolicyObject } from '../../../policies/plan/index.ts'
import type { Attachment, Invariant, PolicyDocument, Service } from '../../../policies/index.ts'
import { formatJson, rewriteJson } from '../../../policies/set/index.ts'
import {
  eachAttachment,
  parseJson,
  plainValue,
  type WrittenAttachment,
} from '../../../policies/validate/index.ts'
import { toYaml } from '../../output/yaml.ts'
import type { FileText } from '../folder.ts'

/** What an export does to a folder. */
export interface ExportedFiles {
  /** Files that are new, or that say something else than the server. */
  readonly written: readonly FileText[]
  /** Paths of files of which nothing is on the server. */
  readonly stray: readonly string[]
}

/** The text of a file that is new, in the form that `policies fmt` gives it. */
const freshFile = (path: string, value: object): FileText => {
  if (!path.endsWith('.json')) return { path, text: toYaml(value) }
  const text = `${JSON.stringify(value, null, 2)}\n`
  return { path, text: formatJson(text) ?? text }
}

/** A file that says something else: what it says already stays as it is written, and so do its comments. */
const changedFile = (file: FileText, value: object, { rewriteYaml }: Writers): FileText => {
  const { path, text, parse } = file
  const rewritten = parse === undefined ? rewriteJson(text, value) : rewriteYaml?.(text, value)
  return rewritten === undefined ? freshFile(path, value) : { path, text: rewritten }
}

/** What a folder needs of YAML, if it has any. */
interface Writers {
  readonly rewriteYaml?: (text: string, value: object) => string | undefined
}

const parsed = ({ text, parse = parseJson }: FileText): Record<string, unknown> | undefined => {
  const { node, problems } = parse(text)
  if (node?.kind !== 'object' || problems.length > 0) return undefined
  return plainValue(node) as Record<string, unknown>
}

/** What is exported, and where to. */
interface Exported {
  readonly objects: readonly PolicyObject[]
  readonly files: readonly FileText[]
  readonly writers: Writers
}

/** A file says where its schema is; the server does not know. */
const withSchema = (present: Record<string, unknown> | undefined, value: object): object => {
  const schema = present?.['$schema']
  return schema === undefined ? value : { $schema: schema, ...value }
}

/** What is each of these kinds, as only the kind tells. */
type Filable = Service & PolicyDocument & Invariant

type FiledKind = 'service' | 'document' | 'invariant'

/** Objects of which each has a file of its own, by what names them. */
interface Filed<K extends FiledKind> {
  readonly kind: K
  readonly folder: string
  readonly nameOf: (value: Record<string, unknown>) => unknown
}

const isSame = <K extends FiledKind>(kind: K, present: Record<string, unknown>, wanted: Filable): boolean => {
  try {
    return canonicalText(kind, present as object as Filable) === canonicalText(kind, wanted)
  } catch {
    // What is there is no such object: it is replaced.
    return false
  }
}

const exportFiled = <K extends FiledKind>(
  { kind, folder, nameOf }: Filed<K>,
  { objects, files, writers }: Exported,
): ExportedFiles => {
  const present = files
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map((file) => ({ file, path: file.path, value: parsed(file) }))
  const byName = new Map(present.map((each) => [each.value && nameOf(each.value), each]))
  const wanted = objects.filter((each) => each.kind === kind)
  const changed = wanted.flatMap(({ name, value }): FileText[] => {
    const there = byName.get(name)
    if (there?.value !== undefined && isSame(kind, there.value, value as Filable)) return []
    if (there === undefined) return [freshFile(`${folder}/${name}.json`, value)]
    return [changedFile(there.file, withSchema(there.value, value), writers)]
  })
  const names = new Set<unknown>(wanted.map(({ name }) => name))
  const stray = present.filter(({ value }) => !names.has(value && nameOf(value))).map(({ path }) => path)
  return { written: changed, stray }
}

const attachmentText = (value: Attachment): string => canonicalText('attachment', value)

/** Takes those that are wanted out of a list, if it has all of them. */
const takeAll = (left: Attachment[], wanted: readonly Attachment[]): boolean => {
  const rest = [...left]
  for (const each of wanted) {
    const at = rest.findIndex((other) => attachmentText(other) === attachmentText(each))
    if (at === -1) return false
    rest.splice(at, 1)
  }
  left.splice(0, left.length, ...rest)
  return true
}

const NEW_ATTACHMENTS = 'attachments/attachments.json'

/** Entries stay in the files and in the order in which they are; those that no file has go into one file. */
const exportAttachments = ({ objects, files, writers }: Exported): ExportedFiles => {
  const left = objects.flatMap((each) => (each.kind === 'attachment' ? [each.value] : []))
  const present = files
    .filter(({ path }) => path.startsWith('attachments/'))
    .map((file) => {
      const value = parsed(file)
      return { file, value, path: file.path, entries: (value?.['attachments'] ?? []) as WrittenAttachment[] }
    })
  const kept = present.map(({ entries, ...read }) => {
    const stay = entries.filter((entry) => takeAll(left, eachAttachment(entry)))
    return { ...read, entries, stay }
  })
  const home = kept.find(({ path }) => path === NEW_ATTACHMENTS) ?? (kept.length === 1 ? kept[0] : undefined)
  const changed = kept
    .map((each) => ({ ...each, next: each === home ? [...each.stay, ...left] : each.stay }))
    .filter(
      ({ entries, stay, next }) =>
        next.length > 0 && (stay.length < entries.length || next.length > stay.length),
    )
    .map(({ file, value, next }) => changedFile(file, withSchema(value, { attachments: next }), writers))
  const fresh =
    home === undefined && left.length > 0 ? [freshFile(NEW_ATTACHMENTS, { attachments: left })] : []
  const stray = kept
    .filter((each) => each.stay.length === 0 && (each !== home || left.length === 0))
    .map(({ path }) => path)
  return { written: [...changed, ...fresh], stray }
}

/**
 * What has to be written so that a folder says what the server has: files that say it already, in whatever
 * words and order, are left as they are, and what changes is written where it stands.
 */
export const exportFiles = async (
  set: string,
  { objects, files }: { objects: readonly PolicyObject[]; files: readonly FileText[] },
): Promise<ExportedFiles> => {
  const hasYaml = files.some(({ parse }) => parse !== undefined)
  const writers = hasYaml ? await import('../../../policies/yaml/index.ts') : {}
  const exported = { objects, files, writers }
  const parts = [
    exportFiled({ kind: 'service', folder: 'services', nameOf: ({ service }) => service }, exported),
    exportFiled({ kind: 'document', folder: 'documents', nameOf: ({ Id }) => Id }, exported),
    exportAttachments(exported),
    exportFiled({ kind: 'invariant', folder: 'invariants', nameOf: ({ invariant }) => invariant }, exported),
  ]
  const isNew = !files.some(({ path }) => path === 'authctl.json')
  const head = isNew ? [freshFile('authctl.json', { set })] : []
  return {
    written: [...head, ...parts.flatMap(({ written }) => written)],
    stray: parts.flatMap(({ stray }) => stray),
  }
}
