import type { DiagnosticCode } from '../text/diagnostic-kinds.ts'
import { createReport, type Diagnostic } from '../text/diagnostics.ts'
import { BOUNDS, type Attachment } from '../language.ts'
import { RESERVED_POLICY_NAMES } from '../names.ts'
import type { Parse } from '../text/json.ts'
import type { Outline } from '../text/outline.ts'

/** A file of a policy set: its path inside the folder, with `/`, and its text. */
export interface SetFile {
  readonly path: string
  readonly text: string
  /** How it is read, if not as JSON. */
  readonly parse?: Parse | undefined
}

/** One diagnostic about a file, at a place of its text. */
export const about = (
  { path, text }: SetFile,
  { code, at = 0, message, hint }: { code: DiagnosticCode; at?: number; message: string; hint: string },
): Diagnostic[] => {
  const report = createReport(path, text)
  report.add(code, at, message, { hint })
  return report.all()
}

/** A file with what can be said of it before it is valid. */
export interface NamedFile {
  readonly file: SetFile
  readonly outline: Outline
}

/** Names that two files give, reported at the name in the second. */
export const duplicateNames = (files: readonly NamedFile[], what: string): Diagnostic[] => {
  const first = new Map<string, string>()
  return files.flatMap(({ file, outline: { name } }) => {
    if (name === undefined) return []
    const other = first.get(name.text)
    if (other === undefined) first.set(name.text, file.path)
    const message = `the ${what} ${name.text} is also in ${other ?? ''}`
    const hint = 'Give one of them another name, or delete it.'
    return other === undefined ? [] : about(file, { code: 'E_VALUE', at: name.at, message, hint })
  })
}

/** Names that the server keeps for paths of its own, so that no request would find the policy by its name. */
export const reservedNames = (files: readonly NamedFile[]): Diagnostic[] =>
  files.flatMap(({ file, outline: { name } }) => {
    if (name === undefined || !RESERVED_POLICY_NAMES.has(name.text)) return []
    const message = `the name ${name.text} is reserved`
    const hint = `Choose another one, such as ${name.text}-orders.`
    return about(file, { code: 'E_VALUE', at: name.at, message, hint })
  })

const PLACES =
  /^(?:authctl\.json|(?:services|documents|attachments|invariants)\/[^/]+\.(?:json|ya?ml)|tests\/[^/]+_test\.(?:json|ya?ml))$/

/** Files that no command reads. A folder without authctl.json is no set: nothing in it is out of place. */
export const strays = (files: readonly SetFile[]): Diagnostic[] => {
  if (!files.some(({ path }) => path === 'authctl.json')) return []
  return files
    .filter(({ path }) => !PLACES.test(path))
    .flatMap((file) =>
      about(file, {
        code: 'E_VALUE',
        message: 'no place for a file of a set',
        hint: 'Put it into services/, documents/, attachments/ or invariants/, as .json or .yaml, or into tests/, as _test.json or _test.yaml; or out of the folder.',
      }),
    )
}

/** What a document is told because a service that it names is not known. */
const OF_SERVICES: readonly DiagnosticCode[] = [
  'E_KEY_UNKNOWN',
  'E_KEY_NOT_APPLICABLE',
  'E_RESOURCE_ACTION_MISMATCH',
]

/**
 * The diagnostics of a document without those that follow from a service that is invalid itself: they may be
 * gone when that is mended.
 */
export const ownDiagnostics = (
  { text }: SetFile,
  diagnostics: readonly Diagnostic[],
  broken: readonly NamedFile[],
): readonly Diagnostic[] => {
  if (broken.length === 0) return diagnostics
  const lines = text.split('\n')
  const isOfBroken = ({ line, column }: Diagnostic): boolean => {
    const written = (lines[line - 1]?.slice(column - 1) ?? '').replace(/^["']/, '')
    return broken.some(({ outline: { name } }) => name === undefined || written.startsWith(`${name.text}:`))
  }
  return diagnostics.filter(
    (diagnostic) =>
      !OF_SERVICES.includes(diagnostic.code) &&
      !(diagnostic.code === 'E_ACTION_UNKNOWN' && isOfBroken(diagnostic)),
  )
}

/**
 * All attachments of a set are one list on the server, and are counted together: the file with which they are
 * too many.
 */
export const tooMany = (
  files: readonly { file: SetFile; attachments: readonly Attachment[] | undefined }[],
): Diagnostic[] => {
  const most = BOUNDS.attachmentsPerNamespace
  let total = 0
  return files.flatMap(({ file, attachments = [] }) => {
    const isPassed = total <= most && total + attachments.length > most
    total += attachments.length
    const message = `with this file the set has more than ${most} attachments`
    const hint = 'Attach to roles and attributes rather than to one account after the other.'
    return isPassed ? about(file, { code: 'E_LIMIT', message, hint }) : []
  })
}

/** The invariants of a namespace are all proved at every change, and are counted: the first file too many. */
export const tooManyInvariants = (files: readonly SetFile[]): Diagnostic[] => {
  const most = BOUNDS.invariantsPerNamespace
  const file = files[most]
  const message = `with this file the set has more than ${most} invariants`
  const hint = 'Let one invariant name several actions, resources or selectors.'
  return file === undefined ? [] : about(file, { code: 'E_LIMIT', message, hint })
}
