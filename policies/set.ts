import { createCatalogue, type Catalogue } from './catalogue.ts'
import { DIAGNOSTICS } from './diagnostic-kinds.ts'
import { createReport, type Diagnostic, type Report } from './diagnostics.ts'
import { elementsOf, textOf } from './elements.ts'
import { plainValue, type JsonNode } from './json.ts'
import type { Attachment, PolicyDocument, Service } from './language.ts'
import { lintDocument } from './lint.ts'
import { MANAGED_POLICIES } from './managed.ts'
import { readChecked } from './read.ts'
import { validateAttachments } from './validate-attachments.ts'
import { validateService } from './validate-service.ts'
import { validateTests, type TestFile } from './validate-tests.ts'
import { validateDocument } from './validate.ts'

/** A file of a policy set: its path inside the folder, with `/`, and its text. */
export interface SetFile {
  readonly path: string
  readonly text: string
}

/** A document of a set, with where it is written. */
export interface SetDocument {
  readonly document: PolicyDocument
  readonly file: string
  readonly writtenAt: readonly string[]
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
const SET_ELEMENTS = ['$schema', 'set', 'description'] as const
const SET_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const QUALIFIED = /^(?:root|[a-z]{2,3}_[A-Za-z0-9]+)\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

const checkSetFile = (node: JsonNode, report: Report): void => {
  const elements = elementsOf(node, { names: SET_ELEMENTS, what: SET_FILE, report })
  if (elements === undefined) return
  const rule = 'a name of small letters, digits, ., _ and -, 64 at most'
  if (!elements.has('set')) report.add('E_VALUE', node.at, `set must be ${rule}`)
  textOf(elements, 'set', { isValid: (text) => SET_NAME.test(text), rule, report })
  textOf(elements, '$schema', { rule: 'a text', report })
  textOf(elements, 'description', { rule: 'a text', report })
}

/** A diagnostic about a file as a whole. */
const about = (file: string, code: 'E_REF' | 'E_SID_DUP' | 'E_VALUE', message: string): Diagnostic[] => {
  const report = createReport(file, '')
  report.add(code, 0, message)
  return report.all()
}

const readSetFile = (
  files: readonly SetFile[],
): { name: string | undefined; diagnostics: readonly Diagnostic[] } => {
  const file = files.find(({ path }) => path === SET_FILE)
  if (file === undefined)
    return {
      name: undefined,
      diagnostics: about(SET_FILE, 'E_REF', 'the folder has no authctl.json: {"set": "name"}'),
    }
  const { node, diagnostics } = readChecked(file.text, file.path, checkSetFile)
  return { name: node && (plainValue(node) as { set: string }).set, diagnostics }
}

/** Names that two files give, reported at the second. */
const twice = (named: readonly { name: string; file: string }[], what: string): Diagnostic[] =>
  named.flatMap(({ name, file }, i) => {
    const first = named.findIndex((other) => other.name === name)
    return first === i
      ? []
      : about(file, 'E_SID_DUP', `${what} ${name} is also in ${named[first]?.file ?? ''}`)
  })

const strays = (files: readonly SetFile[]): Diagnostic[] =>
  files
    .filter(
      ({ path }) =>
        !/^(?:authctl\.json|(?:services|documents|attachments)\/[^/]+\.json|tests\/[^/]+_test\.json)$/.test(
          path,
        ),
    )
    .flatMap(({ path }) =>
      about(
        path,
        'E_VALUE',
        'no place for a file of a set: services/, documents/, attachments/, or tests/*_test.json',
      ),
    )

/**
 * Reads and checks a whole set: every file, and what they say of one another. `own` are the services of the daemon itself. Names of other
 * namespaces (`root/name`, `adm_…/name`) are taken as they are: only the server knows them.
 */
export const validateSet = (files: readonly SetFile[], { own }: { own: readonly Service[] }): PolicySet => {
  const inFolder = (folder: string): SetFile[] =>
    files.filter(({ path }) => path.startsWith(`${folder}/`)).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const setFile = readSetFile(files)
  const services = inFolder('services').map(({ path, text }) => ({
    path,
    ...validateService(text, { file: path }),
  }))
  const declared = services.flatMap(({ service }) => service ?? [])
  const catalogue = createCatalogue([...own, ...declared])
  const documents = inFolder('documents').map(({ path, text }) => ({
    path,
    ...validateDocument(text, { file: path, catalogue }),
  }))
  const valid = documents.flatMap(({ path, document, writtenAt }) =>
    document === undefined ? [] : [{ document, file: path, writtenAt }],
  )
  const names = [
    ...valid.map(({ document }) => document.Id),
    ...MANAGED_POLICIES.map(({ Id }) => `authctl:${Id}`),
  ]
  const isAttachable = (name: string): boolean => names.includes(name) || QUALIFIED.test(name)
  const attachments = inFolder('attachments').map(({ path, text }) =>
    validateAttachments(text, { file: path, isAttachable, names }),
  )
  const tests = inFolder('tests').map(({ path, text }) =>
    validateTests(text, { file: path, isAttachable, names }),
  )
  return {
    name: setFile.name,
    services: declared,
    documents: valid,
    attachments: attachments.flatMap((file) => file.attachments ?? []),
    tests: tests.flatMap((file) => file.tests ?? []),
    catalogue,
    diagnostics: [
      ...setFile.diagnostics,
      ...strays(files),
      ...[...services, ...documents, ...attachments, ...tests].flatMap(({ diagnostics }) => diagnostics),
      ...twice(
        services.flatMap(({ path, service }) => (service ? [{ name: service.service, file: path }] : [])),
        'the service',
      ),
      ...twice(
        valid.map(({ document, file }) => ({ name: document.Id, file })),
        'the policy',
      ),
    ],
  }
}

const neverAttached = ({ documents, attachments }: PolicySet): Diagnostic[] => {
  const attached = new Set(attachments.flatMap(({ policies = [], boundary }) => [...policies, boundary]))
  const { severity, fix: hint } = DIAGNOSTICS.W_NEVER_ATTACHED
  return documents
    .filter(({ document }) => !attached.has(document.Id))
    .map(({ document, file }) => ({
      code: 'W_NEVER_ATTACHED',
      severity,
      message: `nothing attaches ${document.Id}`,
      file,
      line: 1,
      column: 1,
      hint,
      suggestion: null,
    }))
}

/** What is legal in a set and probably not meant. `now` in epoch milliseconds. */
export const lintSet = (set: PolicySet, { now }: { now: number }): Diagnostic[] => [
  ...set.documents.flatMap((document) => lintDocument(document, { catalogue: set.catalogue, now })),
  ...neverAttached(set),
]
