import { createCatalogue, type Catalogue } from '../catalogue.ts'
import type { Diagnostic } from '../text/diagnostics.ts'
import { positionsOf, type Position } from '../text/json.ts'
import type { Attachment, Invariant, Service } from '../language.ts'
import type { LintedDocument } from '../lint/lint.ts'
import { MANAGED_POLICIES, OWN_SERVICES } from '../managed.ts'
import { isNamed, NAMESPACE, POLICY_NAME } from '../names.ts'
import { finish, type Steps } from '../steps.ts'
import { outlineOf, partsOf, placesOf } from '../text/outline.ts'
import {
  about,
  ownDiagnostics,
  reservedNames,
  strays,
  tooMany,
  tooManyInvariants,
  duplicateNames,
  type NamedFile,
  type SetFile,
} from './checks.ts'
import { validateAttachments, type ValidatedAttachments } from '../validate/attachments.ts'
import { validateInvariant } from '../validate/invariant.ts'
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

/** An attachment of a set, with where its parts are written: by a pointer such as `/policies/0`. */
export interface SetAttachment {
  readonly attachment: Attachment
  readonly file: string
  readonly placeOf: (pointer: string) => Position
}

/** An invariant of a set, with where its name stands. */
export interface SetInvariant {
  readonly invariant: Invariant
  readonly file: string
  readonly namedAt: Position
}

/** A file of tests of a set, with where its tests are written. */
export interface SetTests extends TestFile {
  readonly file: string
  readonly places: TestPlaces
}

/**
 * A folder of policies that was read, and what is wrong with it: `authctl.json`, `services/`, `documents/`,
 * `attachments/`, `invariants/` and `tests/`.
 */
export interface PolicySet {
  readonly name: string | undefined
  readonly services: readonly Service[]
  readonly documents: readonly SetDocument[]
  readonly attachments: readonly Attachment[]
  /** The same, with their places. */
  readonly attached: readonly SetAttachment[]
  readonly invariants: readonly SetInvariant[]
  readonly tests: readonly SetTests[]
  readonly catalogue: Catalogue
  /** Where each service and each attachment stands, in their order, as `file:line:column`. */
  readonly places: { readonly services: readonly string[]; readonly attachments: readonly string[] }
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

/** What `read` makes of each file, one step a file. */
function* eachOf<F, T>(files: readonly F[], read: (file: F) => T): Steps<T[]> {
  const all: T[] = []
  for (const file of files) {
    all.push(read(file))
    yield
  }
  return all
}

/** Where the name of a file stands. */
const placeOf = ({ file: { path, text }, outline: { name } }: NamedFile): string => {
  const { line, column } = positionsOf(text)(name?.at ?? 0)
  return `${path}:${line}:${column}`
}

function* readServices(files: readonly SetFile[]) {
  const read = yield* eachOf(files, (file) => ({
    file,
    outline: outlineOf(file.text, 'service', file.parse),
    ...validateService(file.text, { file: file.path, parse: file.parse }),
  }))
  return {
    services: read.flatMap(({ service }) => service ?? []),
    places: read.flatMap((each) => (each.service === undefined ? [] : [placeOf(each)])),
    broken: read.filter(({ service }) => service === undefined),
    diagnostics: [...read.flatMap(({ diagnostics }) => diagnostics), ...duplicateNames(read, 'service')],
  }
}

function* readDocuments(
  files: readonly SetFile[],
  { catalogue, broken }: { catalogue: Catalogue; broken: readonly NamedFile[] },
) {
  const read = yield* eachOf(files, (file) => {
    const { path, text, parse } = file
    const outline = outlineOf(text, 'Id', parse)
    const { document, writtenAt, diagnostics } = validateDocument(text, { file: path, catalogue, parse })
    const own = { file, outline, diagnostics: ownDiagnostics(file, diagnostics, broken) }
    if (document === undefined) return { ...own, documents: [] }
    const namedAt = positionsOf(text)(outline.name?.at ?? 0)
    const placed: SetDocument = { document, file: path, writtenAt, placeOf: placesOf(outline, text), namedAt }
    return { ...own, documents: [placed] }
  })
  return {
    documents: read.flatMap(({ documents }) => documents),
    /** All of them, valid or not. */
    names: namesOf(read),
    areAllNamed: read.every(({ outline }) => outline.name !== undefined),
    diagnostics: [
      ...read.flatMap(({ diagnostics }) => diagnostics),
      ...duplicateNames(read, 'policy'),
      ...reservedNames(read),
    ],
  }
}

function* readInvariants(
  files: readonly SetFile[],
  { catalogue, broken }: { catalogue: Catalogue; broken: readonly NamedFile[] },
) {
  const read = yield* eachOf(files, (file) => ({
    file,
    outline: outlineOf(file.text, 'invariant', file.parse),
    ...validateInvariant(file.text, { file: file.path, catalogue, parse: file.parse }),
  }))
  return {
    invariants: read.flatMap(({ file: { path, text }, outline, invariant }): SetInvariant[] =>
      invariant === undefined
        ? []
        : [{ invariant, file: path, namedAt: positionsOf(text)(outline.name?.at ?? 0) }],
    ),
    diagnostics: [
      ...read.flatMap(({ file, diagnostics }) => ownDiagnostics(file, diagnostics, broken)),
      ...duplicateNames(read, 'invariant'),
      ...tooManyInvariants(files),
    ],
  }
}

/** What a set may name beside what it has itself. */
export interface Surroundings {
  /** The services that are declared elsewhere: of the daemon itself, and of namespaces above. */
  readonly own?: readonly Service[]
  /** Names that can be attached though no file has them; where nothing is said, any of other namespaces. */
  readonly attachable?: (name: string) => boolean
}

const placed = (
  { path: file, text, parse }: SetFile,
  { attachments = [], entries }: Pick<ValidatedAttachments, 'attachments' | 'entries'>,
): SetAttachment[] => {
  const partAt = partsOf(text, parse)
  return attachments.map((attachment, index) => ({
    attachment,
    file,
    placeOf: (pointer) => partAt(`/attachments/${entries[index] ?? index}${pointer}`),
  }))
}

/**
 * Reads and checks a set as {@link validateSet} does, a file a step: who runs it may let others run between
 * two.
 */
export function* validateSetInSteps(
  files: readonly SetFile[],
  { own = OWN_SERVICES, attachable = isOfAnotherNamespace }: Surroundings = {},
): Steps<PolicySet> {
  const inFolder = (folder: string): SetFile[] =>
    files.filter(({ path }) => path.startsWith(`${folder}/`)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const setFile = readSetFile(files)
  const services = yield* readServices(inFolder('services'))
  const declared = new Set(services.services.map(({ service }) => service))
  const elsewhere = own.filter(({ service }) => !declared.has(service))
  const catalogue = createCatalogue([...elsewhere, ...services.services])
  const declaring = { catalogue, broken: services.broken }
  const documents = yield* readDocuments(inFolder('documents'), declaring)
  const invariants = yield* readInvariants(inFolder('invariants'), declaring)
  const names = [...documents.names, ...MANAGED_POLICIES.map(({ Id }) => `authctl:${Id}`)]
  const known = new Set(names)
  const isAttachable = (name: string): boolean =>
    known.has(name) || attachable(name) || (!documents.areAllNamed && !/[:/]/.test(name))
  const attachments = yield* eachOf(inFolder('attachments'), (file) => ({
    file,
    ...validateAttachments(file.text, { file: file.path, isAttachable, names, parse: file.parse }),
  }))
  const attached = yield* eachOf(attachments, ({ file, ...read }) => placed(file, read))
  const tests = yield* eachOf(inFolder('tests'), (file) => {
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
    attached: attached.flat(),
    invariants: invariants.invariants,
    tests: tests.flatMap(({ file, places, tests: read }) => (read ? [{ ...read, file, places }] : [])),
    catalogue,
    places: {
      services: services.places,
      attachments: attachments.flatMap(({ writtenAt }) => writtenAt),
    },
    diagnostics: [
      setFile,
      { diagnostics: strays(files) },
      services,
      documents,
      ...attachments,
      { diagnostics: tooMany(attachments) },
      invariants,
      ...tests,
    ].flatMap(({ diagnostics }) => diagnostics),
  }
}

/**
 * Reads and checks a whole set: every file, and what they say of one another. `own` are the services of the
 * daemon itself, which policies may name too. Names of other namespaces (`root/name`, `adm_…/name`) are taken
 * as they are: only the server knows them. What is wrong in one file is not reported again in those that name
 * it.
 */
export const validateSet = (files: readonly SetFile[], around: Surroundings = {}): PolicySet => {
  return finish(validateSetInSteps(files, around))
}
