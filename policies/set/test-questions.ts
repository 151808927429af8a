import { keyNames, keyOf } from '../catalogue.ts'
import type { ContextValue } from '../engine/decide.ts'
import { IS_OF_TYPE } from '../engine/context-value.ts'
import { parseDate } from '../engine/values.ts'
import { BOUNDS, VALUE_WORDS, VERDICTS } from '../language.ts'
import { isNamed, RESOURCE_SEGMENT, RESOURCE_TYPE } from '../names.ts'
import { elementsOf, textOf, textsOf, type Elements, type Located } from '../text/elements.ts'
import { plainValue, type JsonNode, type Member } from '../text/json.ts'
import { checkKnown, requireElements, type Checking } from './test-principals.ts'

const CIRCUMSTANCES = ['context', 'clock'] as const
const COMBINATIONS = ['principals', 'actions', 'resources'] as const
const LAYER = /^(?:own|boundary) of (.+)$/
const isResource = isNamed(`${RESOURCE_TYPE}(?:/${RESOURCE_SEGMENT})+`)
/** What the server says and no asker. */
const SERVER_SAYS = /^(?:principal|caller)\./

/** An action must be declared: of a misspelt one every denial would be right. */
const checkAction = ({ text, at }: Located, { catalogue, report }: Checking): void => {
  if (!catalogue.actions.has(text))
    report.add(
      'E_ACTION_UNKNOWN',
      at,
      `no service declares ${JSON.stringify(text)}`,
      report.nearest(text, catalogue.actions.keys()),
    )
}

const checkResource = ({ text, at }: Located, { report }: Checking): void => {
  if (!isResource(text) || text.length > BOUNDS.resourceLength)
    report.add('E_RESOURCE_SYNTAX', at, `${JSON.stringify(text)} is not a resource of a request`, {
      hint: 'Write type/path without wildcards and variables, such as order/acme/shop/1.',
    })
}

const CHECKS = {
  principals: (text: Located, checking: Checking) => checkKnown('principals', text, checking),
  actions: checkAction,
  resources: checkResource,
} as const

/** The texts of an element, each of them checked; none if it is absent. */
const checkTexts = (
  elements: Elements,
  name: (typeof COMBINATIONS)[number],
  checking: Checking,
): Located[] => {
  const member = elements.get(name)
  if (member === undefined) return []
  const texts = textsOf(member, { scalars: false, report: checking.report })
  for (const text of texts) CHECKS[name](text, checking)
  return texts
}

/** Whether it is a text, a number, true or false, or a list of texts. */
const isContextValue = (node: JsonNode): boolean =>
  node.kind === 'array'
    ? node.items.every(({ kind }) => kind === 'string')
    : node.kind === 'string' || node.kind === 'number' || node.kind === 'boolean'

const checkKey = ({ key, keyAt, value }: Member, { catalogue, report }: Checking): void => {
  if (!isContextValue(value))
    return report.add(
      'E_VALUE',
      value.at,
      `${key} must be a string, a number, true or false, or a list of strings`,
    )
  if (SERVER_SAYS.test(key))
    return report.add('E_VALUE', keyAt, `${key} follows from the principal`, {
      hint: 'Leave it out: it is a fact of the account that asks, not of the question.',
    })
  const known = keyOf(catalogue, key)
  if (known === undefined)
    return report.add(
      'E_KEY_UNKNOWN',
      keyAt,
      `no service declares the context key ${key}`,
      report.nearest(key, keyNames(catalogue)),
    )
  if (!IS_OF_TYPE[known.type](plainValue(value) as ContextValue))
    report.add('E_VALUE', value.at, `${key} must be ${VALUE_WORDS[known.type]}`)
}

/** The keys that every request for these actions has, by their declaration, and that the context does not. */
const checkMissing = (
  { actions, context, at }: { actions: readonly Located[]; context: readonly Member[]; at: number },
  { catalogue, report }: Checking,
): void => {
  const said = new Set(context.map(({ key }) => key))
  const missing = new Set(
    actions
      .flatMap(({ text }) => [...(catalogue.actions.get(text)?.keys ?? [])])
      .filter((key) => catalogue.keys.get(key)?.always === true && !said.has(key)),
  )
  for (const key of missing)
    report.add('E_VALUE', at, `the context lacks ${key}, which is declared as always there`, {
      hint: `Add it: "context": {"${key}": …}. The daemon refuses a question without it.`,
    })
}

const checkCircumstances = (
  elements: Elements,
  { actions, at }: { actions: readonly Located[]; at: number },
  checking: Checking,
): void => {
  const { report } = checking
  const context = elements.get('context')?.value
  const members = context?.kind === 'object' ? context.members : []
  if (context !== undefined && context.kind !== 'object')
    report.add('E_VALUE', context.at, 'context must be an object')
  for (const member of members) checkKey(member, checking)
  checkMissing({ actions, context: members, at }, checking)
  textOf(elements, 'clock', {
    isValid: (text) => parseDate(text) !== undefined,
    rule: 'an instant such as 2026-01-31T08:00:00Z',
    report,
  })
}

const checkDeciding = (elements: Elements, checking: Checking): void => {
  const { report, principals } = checking
  const expect = textOf(elements, 'expect', {
    isValid: (text) => (VERDICTS as readonly string[]).includes(text),
    rule: `one of ${VERDICTS.join(', ')}`,
    report,
  })
  const statement = textOf(elements, 'statement', { rule: 'policy or policy/Sid', report })
  if (expect?.text === 'DENY_IMPLICIT' && statement !== undefined)
    report.add('E_EXCLUSIVE', statement.at, 'no statement decides where nothing allows', {
      hint: 'Leave statement out, or name the layer that lacks an Allow: "layer": "own of NAME".',
    })
  const layer = textOf(elements, 'layer', {
    isValid: (text) => LAYER.test(text),
    rule: '"own of NAME" or "boundary of NAME"',
    report,
  })
  const owner = layer && LAYER.exec(layer.text)?.[1]
  if (layer !== undefined && owner !== undefined && !principals.has(owner))
    checkKnown('layer', { text: owner, at: layer.at }, checking)
}

const asked = (
  node: JsonNode,
  { names, what, needed }: { names: readonly string[]; what: string; needed: readonly string[] },
  checking: Checking,
): Elements | undefined => {
  const { report } = checking
  const elements = elementsOf(node, { names: ['name', ...names, ...CIRCUMSTANCES], what, report })
  if (elements === undefined) return undefined
  requireElements(elements, ['name', ...needed], { at: node.at, report })
  textOf(elements, 'name', { rule: 'a string', report })
  return elements
}

/** Checks one case: questions and the one decision expected of them. */
export const checkCase = (node: JsonNode, checking: Checking): void => {
  const names = [...COMBINATIONS, 'expect', 'statement', 'layer']
  const needed = [...COMBINATIONS, 'expect']
  const elements = asked(node, { names, what: 'a case', needed }, checking)
  if (elements === undefined) return
  const [, actions = []] = COMBINATIONS.map((name) => checkTexts(elements, name, checking))
  checkCircumstances(elements, { actions, at: node.at }, checking)
  checkDeciding(elements, checking)
}

/** What a matrix allows must be of the matrix. */
const checkAllowed = (node: JsonNode, matrix: Elements, checking: Checking): void => {
  const { report } = checking
  const elements = elementsOf(node, { names: COMBINATIONS, what: 'an entry of allow', report })
  if (elements === undefined) return
  for (const name of COMBINATIONS) {
    const [all, some] = [matrix.get(name), elements.get(name)]
    if (all === undefined || some === undefined) continue
    const known = new Set(textsOf(all, { scalars: false, report }).map(({ text }) => text))
    for (const { text, at } of textsOf(some, { scalars: false, report }))
      if (!known.has(text))
        report.add('E_REF', at, `${text} is not among the ${name} of the matrix`, {
          suggestion: report.nearest(text, known),
          hint: `Add it to the ${name} of the matrix, or correct it.`,
        })
  }
}

/** Checks one matrix: a table of questions of which all but the listed are denied. */
export const checkMatrix = (node: JsonNode, checking: Checking): void => {
  const names = [...COMBINATIONS, 'allow']
  const elements = asked(node, { names, what: 'a matrix', needed: names }, checking)
  if (elements === undefined) return
  const [, actions = []] = COMBINATIONS.map((name) => checkTexts(elements, name, checking))
  checkCircumstances(elements, { actions, at: node.at }, checking)
  const allow = elements.get('allow')?.value
  if (allow !== undefined && allow.kind !== 'array')
    checking.report.add('E_VALUE', allow.at, 'allow must be a list')
  for (const item of allow?.kind === 'array' ? allow.items : []) checkAllowed(item, elements, checking)
}

/** Checks one snapshot of who may. Nobody may is an empty list. */
export const checkWhoCan = (node: JsonNode, checking: Checking): void => {
  const { report } = checking
  const needed = ['action', 'resource', 'principals']
  const elements = asked(node, { names: needed, what: 'a snapshot of who can', needed }, checking)
  if (elements === undefined) return
  const action = textOf(elements, 'action', { rule: 'one action', report })
  const resource = textOf(elements, 'resource', { rule: 'one resource', report })
  if (action !== undefined) checkAction(action, checking)
  if (resource !== undefined) checkResource(resource, checking)
  checkCircumstances(elements, { actions: action === undefined ? [] : [action], at: node.at }, checking)
  const principals = elements.get('principals')
  if (principals === undefined) return
  if (principals.value.kind !== 'array')
    return report.add('E_VALUE', principals.value.at, 'principals must be a list')
  if (principals.value.items.length > 0) checkTexts(elements, 'principals', checking)
}
