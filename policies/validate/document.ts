import type { Catalogue } from '../catalogue.ts'
import type { Diagnostic, Report } from '../text/diagnostics.ts'
import { elementsOf, textOf, type Elements } from '../text/elements.ts'
import { plainValue, positionsOf, type JsonNode, type Parse } from '../text/json.ts'
import { BOUNDS, VERSION, type PolicyDocument } from '../language.ts'
import { isNamed, POLICY_NAME } from '../names.ts'
import { readChecked } from '../text/read.ts'
import { checkStatement } from './statement.ts'

const ELEMENTS = ['$schema', 'Version', 'Id', 'Description', 'Statement'] as const
const isPolicyName = isNamed(POLICY_NAME)

/** A document that was read, and what is wrong with it. */
export interface ValidatedDocument {
  /** Undefined if there is an error. */
  readonly document: PolicyDocument | undefined
  /** Where each statement is written, as `file:line:col`. */
  readonly writtenAt: readonly string[]
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

const checkVersion = (elements: Elements, at: number, report: Report): void => {
  const value = elements.get('Version')?.value
  if (value?.kind === 'string' && value.value === VERSION) return
  report.add(
    'E_VERSION',
    value?.at ?? at,
    `Version must be ${JSON.stringify(VERSION)}`,
    JSON.stringify(VERSION),
  )
}

const statementsOf = (elements: Elements, at: number, report: Report): readonly JsonNode[] => {
  const value = elements.get('Statement')?.value
  if (value?.kind !== 'array') {
    report.add('E_VALUE', value?.at ?? at, 'Statement must be a list of statements')
    return []
  }
  if (value.items.length === 0) report.add('E_EMPTY_LIST', value.at, 'Statement is an empty list')
  if (value.items.length > BOUNDS.statements)
    report.add('E_LIMIT', value.at, `${value.items.length} statements, of at most ${BOUNDS.statements}`)
  return value.items
}

const checkDocument = (node: JsonNode, catalogue: Catalogue, report: Report): readonly JsonNode[] => {
  const elements = elementsOf(node, { names: ELEMENTS, what: 'a policy', report })
  if (elements === undefined) return []
  checkVersion(elements, node.at, report)
  const rule = 'a name of letters, digits, ., _ and -, 64 at most'
  if (!elements.has('Id')) report.add('E_VALUE', node.at, `Id must be ${rule}`)
  textOf(elements, 'Id', { isValid: isPolicyName, rule, report })
  textOf(elements, '$schema', { rule: 'a string', report })
  textOf(elements, 'Description', { rule: 'a string', report })
  const statements = statementsOf(elements, node.at, report)
  const sids = new Set<string>()
  for (const statement of statements) {
    const sid = checkStatement(statement, catalogue, report)
    if (sid === undefined) continue
    if (sids.has(sid.text)) report.add('E_SID_DUP', sid.at, `another statement has the Sid ${sid.text}`)
    sids.add(sid.text)
  }
  return statements
}

/**
 * Reads and checks a policy document; all that is wrong with it is reported together. `file` is named in the
 * reports.
 */
export const validateDocument = (
  text: string,
  { file, catalogue, parse }: { file: string; catalogue: Catalogue; parse?: Parse | undefined },
): ValidatedDocument => {
  let statements: readonly JsonNode[] = []
  const check = (root: JsonNode, report: Report): void => {
    statements = checkDocument(root, catalogue, report)
  }
  const { node, diagnostics } = readChecked(text, file, check, { parse })
  if (node === undefined) return { document: undefined, writtenAt: [], diagnostics }
  const positionOf = positionsOf(text)
  const writtenAt = statements.map(({ at }) => {
    const { line, column } = positionOf(at)
    return `${file}:${line}:${column}`
  })
  return { document: plainValue(node) as PolicyDocument, writtenAt, diagnostics }
}
