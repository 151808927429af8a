import type { Diagnostic, Report } from '../text/diagnostics.ts'
import { checkNamed, elementsOf } from '../text/elements.ts'
import { plainValue, type JsonNode } from '../text/json.ts'
import { isNamed, SET_NAME } from '../names.ts'
import { readChecked } from '../text/read.ts'

const ELEMENTS = ['$schema', 'set', 'description'] as const

const isSetName = isNamed(SET_NAME)

/** The `authctl.json` of a set that was read, and what is wrong with it. */
export interface ValidatedSetFile {
  /** Undefined if there is an error. */
  readonly name: string | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const checkSetFile = (node: JsonNode, report: Report): void => {
  const elements = elementsOf(node, { names: ELEMENTS, what: 'authctl.json', report })
  if (elements === undefined) return
  checkNamed(elements, { name: 'set', isValid: isSetName, at: node.at, report })
}

/** Reads and checks `authctl.json`, which names the owner of everything in a folder. */
export const validateSetFile = (text: string, { file }: { file: string }): ValidatedSetFile => {
  const { node, diagnostics } = readChecked(text, file, checkSetFile)
  return { name: node && (plainValue(node) as { set: string }).set, diagnostics }
}
