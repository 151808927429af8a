import { createCatalogue, type Catalogue } from '../catalogue.ts'
import { listOf } from '../engine/condition.ts'
import { DIAGNOSTICS } from '../text/diagnostic-kinds.ts'
import type { Diagnostic } from '../text/diagnostics.ts'
import { positionsOf, type Position } from '../text/json.ts'
import type { Attachment, Service } from '../language.ts'
import { lintDocument, type LintedDocument } from '../lint/lint.ts'
import { MANAGED_POLICIES, OWN_SERVICES } from '../managed.ts'
import { isNamed, NAMESPACE, POLICY_NAME } from '../names.ts'
import { outlineOf, placesOf } from '../text/outline.ts'
import {
  about,
  ownDiagnostics,
  strays,
  tooMany,
  duplicateNames,
  type NamedFile,
  type SetFile,
} from './checks.ts'
import { validateAttachments } from '../validate/attachments.ts'
import { validateService } from '../validate/service.ts'
import { validateSetFile, type ValidatedSetFile } from './file.ts'
import { validateTests, type TestFile, type TestPlaces } from './tests.ts'
import { validateDocument } from '../validate/document.ts'

export type { SetFile } from './checks.ts'

/** A document of a set, with where it is written. */
export interface SetDocument extends LintedDocument {
  readonly writtenAt: readonly string[]
  /** Where its name stands. */
  readonly namedAt: Position
}

/** A file of tests of a set, with where its tests are written. */
export interface SetTests extends TestFile {
  readonly file: string
  readonly places: TestPlaces
}

/**
 * A folder of policies that was read, and what is wrong with it: `authctl.json`, `services/`, `documents/`,
 * `attachments/` and `tests/`.
 */
export interface PolicySet {
  readonly name: string | undefined
  readonly services: readonly Service[]
  readonly documents: readonly SetDocument[]
  readonly attachments: readonly Attachment[]
  readonly tests: readonly SetTests[]
  readonly catalogue: Catalogue
  readonly diagnostics: readonly Diagnostic[]
}

const SET_FILE = 'authctl.json'
const isOfAnotherNamespace = isNamed(`${NAMESPACE}/${POLICY_NAME}`)

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

const namesOf = (files: readonly NamedFile[]): string[] =>
  files.flatMap(({ outline: { name } }) => name?.text ?? [])

const readServices = (files: readonly SetFile[]) => {
  const read = files.map((file) => ({
    file,
    outline: outlineOf(file.text, 'service', file.parse),
    ...validateService(file.text, { file: file.path, parse: file.parse }),
  }))
  return {
    services: read.flatMap(({ service }) => service ?? []),
    broken: read.filter(({ service }) => service === undefined),
    diagnostics: [...read.flatMap(({ diagnostics }) => diagnostics), ...duplicateNames(read, 'service')],
  }
}

const readDocuments = (
  files: readonly SetFile[],
  { catalogue, broken }: { catalogue: Catalogue; broken: readonly NamedFile[] },
) => {
  const read = files.map((file) => ({
    file,
    outline: outlineOf(file.text, 'Id', file.parse),
    ...validateDocument(file.text, { file: file.path, catalogue, parse: file.parse }),
  }))
  return {
    documents: read.flatMap(({ file: { path, text }, outline, document, writtenAt }): SetDocument[] => {
      if (document === undefined) return []
      const positionOf = positionsOf(text)
      const places = {
        placeOf: placesOf(outline, text),
        namedAt: positionOf(outline.name?.at ?? 0),
      }
      return [{ document, file: path, writtenAt, ...places }]
    }),
    /** Of all, valid or not. */
    names: namesOf(read),
    areAllNamed: read.every(({ outline }) => outline.name !== undefined),
    diagnostics: [
      ...read.flatMap(({ file, diagnostics }) => ownDiagnostics(file, diagnostics, broken)),
      ...duplicateNames(read, 'policy'),
    ],
  }
}

/**
 * Reads and checks a whole set: every file, and what they say of one another. `own` are the services of the
 * daemon itself, which policies may name too. Names of other namespaces (`root/name`, `adm_…/name`) are taken
 * as they are: only the server knows them. What is wrong in one file is not reported again in those that name
 * it.
 */
export const validateSet = (
  files: readonly SetFile[],
  { own = OWN_SERVICES }: { own?: readonly Service[] } = {},
): PolicySet => {
  const inFolder = (folder: string): SetFile[] =>
    files.filter(({ path }) => path.startsWith(`${folder}/`)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const setFile = readSetFile(files)
  const services = readServices(inFolder('services'))
  const catalogue = createCatalogue([...own, ...services.services])
  const documents = readDocuments(inFolder('documents'), { catalogue, broken: services.broken })
  const names = [...documents.names, ...MANAGED_POLICIES.map(({ Id }) => `authctl:${Id}`)]
  const known = new Set(names)
  const isAttachable = (name: string): boolean =>
    known.has(name) || isOfAnotherNamespace(name) || (!documents.areAllNamed && !/[:/]/.test(name))
  const attachments = inFolder('attachments').map((file) => ({
    file,
    ...validateAttachments(file.text, { file: file.path, isAttachable, names, parse: file.parse }),
  }))
  const tests = inFolder('tests').map((file) => {
    const read = validateTests(file.text, {
      file: file.path,
      isAttachable,
      names,
      catalogue,
      parse: file.parse,
    })
    return { ...read, file: file.path, diagnostics: ownDiagnostics(file, read.diagnostics, services.broken) }
  })
  return {
    name: setFile.name,
    services: services.services,
    documents: documents.documents,
    attachments: attachments.flatMap((read) => read.attachments ?? []),
    tests: tests.flatMap(({ file, places, tests: read }) => (read ? [{ ...read, file, places }] : [])),
    catalogue,
    diagnostics: [
      setFile,
      { diagnostics: strays(files) },
      services,
      documents,
      ...attachments,
      { diagnostics: tooMany(attachments) },
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
