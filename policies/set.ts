import { createCatalogue, type Catalogue } from './catalogue.ts'
import { listOf } from './condition.ts'
import { DIAGNOSTICS, type DiagnosticCode } from './diagnostic-kinds.ts'
import { createReport, type Diagnostic } from './diagnostics.ts'
import { positionsOf, type Position } from './json.ts'
import type { Attachment, Service } from './language.ts'
import { lintDocument, type LintedDocument } from './lint.ts'
import { MANAGED_POLICIES } from './managed.ts'
import { outlineOf } from './outline.ts'
import { validateAttachments } from './validate-attachments.ts'
import { validateService } from './validate-service.ts'
import { validateSetFile, type ValidatedSetFile } from './validate-set-file.ts'
import { validateTests, type TestFile } from './validate-tests.ts'
import { validateDocument } from './validate.ts'

/** A file of a policy set: its path inside the folder, with `/`, and its text. */
export interface SetFile {
  readonly path: string
  readonly text: string
}

/** A document of a set, with where it is written. */
export interface SetDocument extends LintedDocument {
  readonly writtenAt: readonly string[]
  /** Where its name stands. */
  readonly namedAt: Position
}

/** A folder of policies (policy.md section 1) that was read, and what is wrong with it. */
export interface PolicySet {
  readonly name: string | undefined
  readonly services: readonly Service[]
  readonly documents: readonly SetDocument[]
  readonly attachments: readonly Attachment[]
  readonly tests: readonly TestFile[]
  readonly catalogue: Catalogue
  readonly diagnostics: readonly Diagnostic[]
}

const SET_FILE = 'authctl.json'
const QUALIFIED = /^(?:root|[a-z]{2,3}_[A-Za-z0-9]+)\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** One diagnostic about a file, at a place of its text. */
const about = (
  { path, text }: SetFile,
  { code, at = 0, message, hint }: { code: DiagnosticCode; at?: number; message: string; hint: string },
): Diagnostic[] => {
  const report = createReport(path, text)
  report.add(code, at, message, { hint })
  return report.all()
}

const readSetFile = (files: readonly SetFile[]): ValidatedSetFile => {
  const file = files.find(({ path }) => path === SET_FILE)
  if (file === undefined)
    return {
      name: undefined,
      diagnostics: about(
        { path: SET_FILE, text: '' },
        {
          code: 'E_REF',
          message: 'the folder has no authctl.json',
          hint: 'Create it: {"set": "name"}, or name the folder that has it.',
        },
      ),
    }
  return validateSetFile(file.text, { file: file.path })
}

interface NamedFile {
  readonly file: SetFile
  readonly outline: ReturnType<typeof outlineOf>
}

/** Names that two files give, reported at the name in the second. */
const twice = (files: readonly NamedFile[], what: string): Diagnostic[] => {
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

const PLACES = /^(?:authctl\.json|(?:services|documents|attachments)\/[^/]+\.json|tests\/[^/]+_test\.json)$/

const strays = (files: readonly SetFile[]): Diagnostic[] =>
  files
    .filter(({ path }) => !PLACES.test(path))
    .flatMap((file) =>
      about(file, {
        code: 'E_VALUE',
        message: 'no place for a file of a set',
        hint: 'Put it into services/, documents/ or attachments/, as .json, or into tests/, as _test.json; or out of the folder.',
      }),
    )

const namesOf = (files: readonly NamedFile[]): string[] =>
  files.flatMap(({ outline: { name } }) => name?.text ?? [])

/** What a document is told because a service that it names is not known. */
const OF_SERVICES: readonly DiagnosticCode[] = [
  'E_KEY_UNKNOWN',
  'E_KEY_NOT_APPLICABLE',
  'E_RESOURCE_ACTION_MISMATCH',
]

/** The diagnostics of a document without those that follow from a service that is invalid itself: they may be gone when that is mended. */
const ownDiagnostics = (
  { text }: SetFile,
  diagnostics: readonly Diagnostic[],
  broken: readonly NamedFile[],
): readonly Diagnostic[] => {
  if (broken.length === 0) return diagnostics
  const lines = text.split('\n')
  const isOfBroken = ({ line, column }: Diagnostic): boolean => {
    const written = lines[line - 1]?.slice(column - 1) ?? ''
    return broken.some(({ outline: { name } }) => name === undefined || written.startsWith(`"${name.text}:`))
  }
  return diagnostics.filter(
    (diagnostic) =>
      !OF_SERVICES.includes(diagnostic.code) &&
      !(diagnostic.code === 'E_ACTION_UNKNOWN' && isOfBroken(diagnostic)),
  )
}

const readServices = (files: readonly SetFile[]) => {
  const read = files.map((file) => ({
    file,
    outline: outlineOf(file.text, 'service'),
    ...validateService(file.text, { file: file.path }),
  }))
  return {
    services: read.flatMap(({ service }) => service ?? []),
    broken: read.filter(({ service }) => service === undefined),
    diagnostics: [...read.flatMap(({ diagnostics }) => diagnostics), ...twice(read, 'service')],
  }
}

const readDocuments = (
  files: readonly SetFile[],
  { catalogue, broken }: { catalogue: Catalogue; broken: readonly NamedFile[] },
) => {
  const read = files.map((file) => ({
    file,
    outline: outlineOf(file.text, 'Id'),
    ...validateDocument(file.text, { file: file.path, catalogue }),
  }))
  return {
    documents: read.flatMap(({ file: { path, text }, outline, document, writtenAt }): SetDocument[] => {
      if (document === undefined) return []
      const positionOf = positionsOf(text)
      const places = {
        positions: outline.statements.map(positionOf),
        namedAt: positionOf(outline.name?.at ?? 0),
      }
      return [{ document, file: path, writtenAt, ...places }]
    }),
    /** Of all, valid or not. */
    names: namesOf(read),
    areAllNamed: read.every(({ outline }) => outline.name !== undefined),
    diagnostics: [
      ...read.flatMap(({ file, diagnostics }) => ownDiagnostics(file, diagnostics, broken)),
      ...twice(read, 'policy'),
    ],
  }
}

/**
 * Reads and checks a whole set: every file, and what they say of one another. `own` are the services of the daemon itself. Names of other
 * namespaces (`root/name`, `adm_…/name`) are taken as they are: only the server knows them. What is wrong in one file is not reported again in
 * those that name it.
 */
export const validateSet = (files: readonly SetFile[], { own }: { own: readonly Service[] }): PolicySet => {
  const inFolder = (folder: string): SetFile[] =>
    files.filter(({ path }) => path.startsWith(`${folder}/`)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const setFile = readSetFile(files)
  const services = readServices(inFolder('services'))
  const catalogue = createCatalogue([...own, ...services.services])
  const documents = readDocuments(inFolder('documents'), { catalogue, broken: services.broken })
  const names = [...documents.names, ...MANAGED_POLICIES.map(({ Id }) => `authctl:${Id}`)]
  const known = new Set(names)
  const isAttachable = (name: string): boolean =>
    known.has(name) || QUALIFIED.test(name) || (!documents.areAllNamed && !/[:/]/.test(name))
  const attachments = inFolder('attachments').map(({ path, text }) =>
    validateAttachments(text, { file: path, isAttachable, names }),
  )
  const tests = inFolder('tests').map(({ path, text }) =>
    validateTests(text, { file: path, isAttachable, names }),
  )
  return {
    name: setFile.name,
    services: services.services,
    documents: documents.documents,
    attachments: attachments.flatMap((file) => file.attachments ?? []),
    tests: tests.flatMap((file) => file.tests ?? []),
    catalogue,
    diagnostics: [
      setFile,
      { diagnostics: strays(files) },
      services,
      documents,
      ...attachments,
      ...tests,
    ].flatMap(({ diagnostics }) => diagnostics),
  }
}

/** A policy's own name, whatever namespace it is called by. */
const bareName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

/** Documents that nothing attaches, as far as the attachments could be read. */
const neverAttached = ({ documents, attachments, diagnostics }: PolicySet): Diagnostic[] => {
  if (diagnostics.some(({ file, severity }) => severity === 'error' && file.startsWith('attachments/')))
    return []
  const attached = new Set(
    attachments
      .flatMap(({ policies = [], boundary = [] }) => [...listOf(policies), ...listOf(boundary)])
      .map(bareName),
  )
  const { severity, fix: hint } = DIAGNOSTICS.W_NEVER_ATTACHED
  return documents
    .filter(({ document }) => !attached.has(document.Id))
    .map(({ document, file, namedAt }) => ({
      code: 'W_NEVER_ATTACHED',
      severity,
      message: `nothing attaches ${document.Id}`,
      file,
      ...namedAt,
      hint,
      suggestion: null,
    }))
}

/** What is legal in a set and probably not meant. `now` in epoch milliseconds. */
export const lintSet = (set: PolicySet, { now }: { now: number }): Diagnostic[] => [
  ...set.documents.flatMap((document) => lintDocument(document, { catalogue: set.catalogue, now })),
  ...neverAttached(set),
]
