import type { Catalogue } from '../catalogue.ts'
import {
  BOUNDS,
  INVARIANT_KINDS,
  type Invariant,
  type InvariantKind,
  type InvariantRule,
  type Selector,
} from '../language.ts'
import { compilePolicy } from '../engine/compile.ts'
import { CompileError, listOf } from '../engine/condition.ts'
import { INVARIANT_NAME, isNamed } from '../names.ts'
import type { Diagnostic, Report } from '../text/diagnostics.ts'
import { globUnits, isWildcard } from '../engine/match.ts'
import { checkNamed, elementsOf, textsOf } from '../text/elements.ts'
import { plainValue, type JsonNode, type Member, type Parse } from '../text/json.ts'
import { readChecked } from '../text/read.ts'
import { checkSelector } from './attachments.ts'
import { checkRequests } from './statement.ts'

const KINDS = [...INVARIANT_KINDS, 'needsApproval'] as const
const ELEMENTS = ['$schema', 'invariant', 'description', ...KINDS] as const
const RULE_ELEMENTS = ['to', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'] as const
const isInvariantName = isNamed(INVARIANT_NAME)

const SELECTOR_ELEMENTS = ['id', 'username', 'role', 'attributes'] as const

const hasOnly = (value: object, names: readonly string[]): boolean =>
  Object.keys(value).every((name) => names.includes(name))

const isCompiled = ({ to: _to, ...requests }: InvariantRule): boolean => {
  try {
    compilePolicy({ Statement: [{ Effect: 'Allow', ...requests }] }, { name: 'invariant', hash: '' })
    return true
  } catch (error) {
    if (error instanceof CompileError) return false
    throw error
  }
}

/**
 * Whether all that a stored invariant says is known here. What a newer authctl has put may ask for more: then
 * nothing shows that it holds.
 */
export const isUnderstood = (invariant: Invariant): boolean => {
  if (!hasOnly(invariant, ELEMENTS) || !KINDS.some((kind) => Object.hasOwn(invariant, kind))) return false
  const { needsApproval } = invariant
  if (needsApproval !== undefined && !hasOnly(needsApproval, ['objects'])) return false
  return INVARIANT_KINDS.every((kind) => {
    const rule = invariant[kind]
    if (rule === undefined) return true
    const selectors = rule.to === undefined ? [] : listOf<Selector>(rule.to)
    const areKnown = selectors.every((selector) => hasOnly(selector, SELECTOR_ELEMENTS))
    return hasOnly(rule, RULE_ELEMENTS) && areKnown && isCompiled(rule)
  })
}

/** An invariant that was read, and what is wrong with it. */
export interface ValidatedInvariant {
  /** Undefined if there is an error. */
  readonly invariant: Invariant | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Checks `to`: one selector, or several. */
const checkSelectors = ({ value }: Member, report: Report): void => {
  if (value.kind !== 'array') return checkSelector(value, report)
  const { length } = value.items
  if (length === 0) report.add('E_EMPTY_LIST', value.at, 'to is an empty list')
  if (length > BOUNDS.selectorsPerInvariant)
    report.add(
      'E_LIMIT',
      value.at,
      `to has ${length} selectors, of at most ${BOUNDS.selectorsPerInvariant}`,
      { hint: 'Name roles and attributes rather than one account after the other.' },
    )
  for (const item of value.items) checkSelector(item, report)
}

const checkRule = (
  kind: InvariantKind,
  { value }: Member,
  { catalogue, report }: { catalogue: Catalogue; report: Report },
): void => {
  const elements = elementsOf(value, { names: RULE_ELEMENTS, what: kind, report })
  if (elements === undefined) return
  const to = elements.get('to')
  if (to !== undefined) checkSelectors(to, report)
  else if (kind !== 'neverGrants')
    report.add('E_VALUE', value.at, `${kind} does not say to whom: to is missing`, {
      hint: 'Write "to": {"role": …}, or a list of such selectors.',
    })
  // What is forbidden is read as a Deny is: where something is missing, it must not fall open.
  const effect = kind === 'alwaysGrants' ? 'Allow' : 'Deny'
  checkRequests(elements, { at: value.at, effect, catalogue, report })
}

const OBJECT_PATTERN = /^(?:\*|(?:service|document|attachment|invariant)\/.+)$/

/** Checks which objects are changed by two accounts together. */
const checkApproval = ({ value }: Member, report: Report): void => {
  const elements = elementsOf(value, { names: ['objects'], what: 'needsApproval', report })
  const objects = elements?.get('objects')
  if (elements !== undefined && objects === undefined)
    report.add('E_VALUE', value.at, 'needsApproval names no objects')
  if (objects === undefined) return
  for (const { text, at } of textsOf(objects, { scalars: false, report })) {
    if (!OBJECT_PATTERN.test(text))
      report.add('E_VALUE', at, `${JSON.stringify(text)} names no object`, {
        hint: 'Write service/NAME, document/NAME, attachment/SELECTOR or invariant/NAME, with wildcards, or *.',
      })
    const wildcards = globUnits(text).filter(isWildcard).length
    if (wildcards > BOUNDS.wildcards)
      report.add('E_WILDCARD_LIMIT', at, `${wildcards} wildcards, of at most ${BOUNDS.wildcards}`)
  }
}

const checkInvariant = (node: JsonNode, catalogue: Catalogue, report: Report): void => {
  const elements = elementsOf(node, { names: ELEMENTS, what: 'an invariant', report })
  if (elements === undefined) return
  checkNamed(elements, { name: 'invariant', isValid: isInvariantName, at: node.at, report })
  const kinds = KINDS.filter((kind) => elements.has(kind))
  const [first, second] = kinds
  if (first === undefined || second !== undefined)
    report.add(
      'E_EXCLUSIVE',
      (second === undefined ? undefined : elements.get(second)?.keyAt) ?? node.at,
      `an invariant has exactly one of ${KINDS.join(', ')}`,
      { hint: 'Write one of them; what else must hold is an invariant of its own.' },
    )
  const approval = elements.get('needsApproval')
  if (approval !== undefined) checkApproval(approval, report)
  for (const kind of INVARIANT_KINDS) {
    const member = elements.get(kind)
    if (member !== undefined) checkRule(kind, member, { catalogue, report })
  }
}

/** Reads and checks an invariant; all that is wrong with it is reported together. */
export const validateInvariant = (
  text: string,
  { file, catalogue, parse }: { file: string; catalogue: Catalogue; parse?: Parse | undefined },
): ValidatedInvariant => {
  const check = (root: JsonNode, report: Report): void => checkInvariant(root, catalogue, report)
  const { node, diagnostics } = readChecked(text, file, check, { parse })
  return { invariant: node && (plainValue(node) as Invariant), diagnostics }
}
