import { actionsMatching, type Catalogue, type DeclaredAction } from '../catalogue.ts'
import type { Report } from '../text/diagnostics.ts'
import { elementsOf, textOf, textsOf, type Elements, type Located } from '../text/elements.ts'
import type { JsonNode, Member } from '../text/json.ts'
import { BOUNDS } from '../language.ts'
import { globUnits, isWildcard } from '../engine/match.ts'
import { ACTION_PATTERN, isNamed, SID } from '../names.ts'
import {
  checkCondition,
  checkTemplate,
  guardedKeys,
  readConditions,
  type StatementScope,
} from './condition.ts'

const ELEMENTS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'] as const
const isSid = isNamed(SID)
const isActionPattern = isNamed(ACTION_PATTERN)
const PLACEHOLDER = /\$\{[^}]*\}/g
const RESOURCE_PATTERN = /^[A-Za-z0-9-]+\/[A-Za-z0-9._~@:+=,/*?-]+$/

interface Pair {
  readonly member: Member
  readonly isComplement: boolean
}

/** The one of two elements that is there. */
const exclusive = (
  elements: Elements,
  name: string,
  { at, report }: { at: number; report: Report },
): Pair | undefined => {
  const [plain, complement] = [elements.get(name), elements.get(`Not${name}`)]
  if (plain !== undefined && complement !== undefined)
    report.add('E_EXCLUSIVE', complement.keyAt, `${name} and Not${name} exclude each other`)
  const member = plain ?? complement
  if (member === undefined) report.add('E_EXCLUSIVE', at, `${name} or Not${name} is missing`)
  return member && { member, isComplement: plain === undefined }
}

const actionsOf = (pattern: Located, catalogue: Catalogue, report: Report): DeclaredAction[] => {
  const { text, at } = pattern
  const found = text === '*' || isActionPattern(text) ? actionsMatching(catalogue, text) : []
  const wildcards = globUnits(text).filter(isWildcard).length
  if (wildcards > BOUNDS.wildcards)
    report.add('E_WILDCARD_LIMIT', at, `${wildcards} wildcards, of at most ${BOUNDS.wildcards}`)
  if (found.length > 0) return found
  const message = `no declared action matches ${JSON.stringify(text)}`
  report.add('E_ACTION_UNKNOWN', at, message, report.nearest(text, catalogue.actions.keys()))
  return []
}

/** The declared actions that a statement is about; what names none is reported. */
const checkActions = (pair: Pair | undefined, catalogue: Catalogue, report: Report): DeclaredAction[] => {
  if (pair === undefined) return []
  const named = new Set<DeclaredAction>()
  const seen = new Set<string>()
  for (const pattern of textsOf(pair.member, { scalars: false, report })) {
    if (seen.has(pattern.text)) continue
    seen.add(pattern.text)
    for (const action of actionsOf(pattern, catalogue, report)) named.add(action)
  }
  return pair.isComplement
    ? [...catalogue.actions.values()].filter((action) => !named.has(action))
    : [...named]
}

const hasPlainSegments = (resource: string): boolean =>
  resource.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')

const checkResource = (pattern: Located, scope: StatementScope): void => {
  const { text, at } = pattern
  const { report, actions } = scope
  if (text === '*') return
  if (text.length > BOUNDS.resourceLength)
    return report.add(
      'E_RESOURCE_SYNTAX',
      at,
      `a pattern of ${text.length} characters, of at most ${BOUNDS.resourceLength}`,
    )
  if (checkTemplate(pattern, 'glob', scope) === undefined) return
  const plain = text.replace(PLACEHOLDER, 'v')
  if (!RESOURCE_PATTERN.test(plain) || !hasPlainSegments(plain))
    return report.add('E_RESOURCE_SYNTAX', at, `${JSON.stringify(text)} is not a resource pattern`)
  const type = text.slice(0, text.indexOf('/'))
  if (actions.length > 0 && !actions.some(({ resources }) => resources.includes(type))) {
    const types = actions.flatMap(({ resources }) => resources)
    const near = report.nearest(type, types)
    report.add(
      'E_RESOURCE_ACTION_MISMATCH',
      at,
      `no action of the statement acts on ${type}`,
      near && `${near}/…`,
    )
  }
}

const isEverything = (pair: Pair): boolean => {
  const { value } = pair.member
  const items = value.kind === 'array' ? value.items : [value]
  return pair.isComplement || items.some((item) => item.kind === 'string' && item.value === '*')
}

/** An Allow by complement with everything on the other side: a trap of AWS's language. */
const checkComplement = (action: Pair, resource: Pair, report: Report): void => {
  const open = action.isComplement && isEverything(resource) ? action : resource
  if (!open.isComplement || !isEverything(action) || !isEverything(resource)) return
  report.add('E_ALLOW_NOT_STAR', open.member.keyAt, 'this allows everything but what is named')
}

const effectOf = (elements: Elements, at: number, report: Report): string | undefined => {
  const value = elements.get('Effect')?.value
  if (value?.kind === 'string' && (value.value === 'Allow' || value.value === 'Deny')) return value.value
  const near = value?.kind === 'string' ? report.nearest(value.value, ['Allow', 'Deny']) : undefined
  report.add('E_EFFECT', value?.at ?? at, 'Effect must be Allow or Deny', near)
  return undefined
}

/** How the requests of something are checked that names them as a statement does. */
interface Naming {
  /** Where it stands. */
  readonly at: number
  /** What is made of the requests: what is missing may fall open in one case and not in the other. */
  readonly effect: string | undefined
  readonly catalogue: Catalogue
  readonly report: Report
}

/** Checks which requests are named: actions, resources and conditions. */
export const checkRequests = (elements: Elements, { at, effect, catalogue, report }: Naming): void => {
  const action = exclusive(elements, 'Action', { at, report })
  const resource = exclusive(elements, 'Resource', { at, report })
  const written = elements.get('Condition')
  const conditions = written === undefined ? [] : readConditions(written.value, report)
  const actions = checkActions(action, catalogue, report)
  const scope: StatementScope = { catalogue, report, effect, actions, guarded: guardedKeys(conditions) }
  if (resource !== undefined)
    for (const pattern of textsOf(resource.member, { scalars: false, report })) checkResource(pattern, scope)
  for (const condition of conditions) checkCondition(condition, scope)
  if (effect === 'Allow' && action !== undefined && resource !== undefined)
    checkComplement(action, resource, report)
}

/** Checks one statement; its Sid, for the comparison with others. */
export const checkStatement = (node: JsonNode, catalogue: Catalogue, report: Report): Located | undefined => {
  const elements = elementsOf(node, { names: ELEMENTS, what: 'a statement', report })
  if (elements === undefined) return undefined
  const { at } = node
  checkRequests(elements, { at, effect: effectOf(elements, at, report), catalogue, report })
  return textOf(elements, 'Sid', {
    isValid: isSid,
    rule: 'letters, digits, _ and -, 64 at most',
    report,
  })
}
