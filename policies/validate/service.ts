import type { Diagnostic, Report } from '../text/diagnostics.ts'
import { elementsOf, textOf, textsOf, type Elements } from '../text/elements.ts'
import { plainValue, type JsonNode, type Member, type Parse } from '../text/json.ts'
import { KEY_TYPES, type Service } from '../language.ts'
import { OWN_SERVICES } from '../managed.ts'
import { ATTRIBUTE_KEY_PART, DECLARED_KEY, isNamed, RESOURCE_TYPE, SERVICE_NAME, VERB } from '../names.ts'
import { readChecked } from '../text/read.ts'

const ELEMENTS = ['$schema', 'service', 'description', 'actions', 'resource_types', 'context_keys'] as const
const isServiceName = isNamed(SERVICE_NAME)
const isVerb = isNamed(VERB)
const isResourceType = isNamed(RESOURCE_TYPE)
const isAttribute = isNamed(ATTRIBUTE_KEY_PART)
const isDeclaredKey = isNamed(DECLARED_KEY)
/** What no service of an application can be called: the daemon's own. */
const OWN = OWN_SERVICES.map(({ service }) => service)

/** A service that was read, and what is wrong with it. */
export interface ValidatedService {
  /** Undefined if there is an error. */
  readonly service: Service | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** The members of an element that is an object whose keys have a form. */
const membersOf = (
  elements: Elements,
  name: string,
  { isValid, rule, report }: { isValid: (key: string) => boolean; rule: string; report: Report },
): readonly Member[] => {
  const value = elements.get(name)?.value
  if (value === undefined) return []
  if (value.kind !== 'object') {
    report.add('E_VALUE', value.at, `${name} must be an object`)
    return []
  }
  for (const { key, keyAt } of value.members)
    if (!isValid(key)) report.add('E_VALUE', keyAt, `${JSON.stringify(key)} is not ${rule}`)
  return value.members
}

/** Names that must be declared in the same file. */
const checkNames = (member: Member | undefined, declared: readonly Member[], report: Report): void => {
  if (member === undefined) return
  const names = declared.map(({ key }) => key)
  for (const { text, at } of textsOf(member, { scalars: false, report }))
    if (!names.includes(text))
      report.add('E_REF', at, `${text} is not declared here`, report.nearest(text, names))
}

/** An element that is true or false, if it is there. */
const checkFlag = (elements: Elements, name: string, report: Report): void => {
  const flag = elements.get(name)?.value
  if (flag !== undefined && flag.kind !== 'boolean')
    report.add('E_VALUE', flag.at, `${name} must be true or false`)
}

/** What is replaced by another action names one that is declared here, and stays. */
const checkReplacement = (
  member: Member | undefined,
  { actions, report }: { actions: readonly Member[]; report: Report },
): void => {
  const value = member?.value
  if (value === undefined) return
  if (value.kind !== 'string')
    return report.add('E_VALUE', value.at, 'replaced_by must be a verb of this service')
  const names = actions.map(({ key }) => key)
  const other = actions.find(({ key }) => key === value.value)
  if (other === undefined)
    return report.add(
      'E_REF',
      value.at,
      `${value.value} is not declared here`,
      report.nearest(value.value, names),
    )
  const isReplaced =
    other.value.kind === 'object' && other.value.members.some(({ key }) => key === 'replaced_by')
  if (isReplaced) report.add('E_VALUE', value.at, `${value.value} is replaced itself: name what stays`)
}

const checkAction = (
  { key, value }: Member,
  {
    types,
    keys,
    actions,
    report,
  }: {
    types: readonly Member[]
    keys: readonly Member[]
    actions: readonly Member[]
    report: Report
  },
): void => {
  const names = ['resources', 'keys', 'sensitive', 'replaced_by', 'description']
  const elements = elementsOf(value, { names, what: `the action ${key}`, report })
  if (elements === undefined) return
  if (!elements.has('resources'))
    report.add('E_VALUE', value.at, `${key} names no resources: its resource types`)
  checkNames(elements.get('resources'), types, report)
  checkNames(elements.get('keys'), keys, report)
  checkFlag(elements, 'sensitive', report)
  checkReplacement(elements.get('replaced_by'), { actions, report })
  textOf(elements, 'description', { rule: 'a string', report })
}

const checkType = ({ key, value }: Member, report: Report): void => {
  const names = ['private', 'description']
  const elements = elementsOf(value, { names, what: `the type ${key}`, report })
  const attributes = elements?.get('private')
  if (attributes === undefined) return
  for (const { text, at } of textsOf(attributes, { scalars: false, report }))
    if (!isAttribute(text))
      report.add(
        'E_VALUE',
        at,
        `${JSON.stringify(text)} is not the name of an attribute: NAME of resource.NAME`,
      )
}

const checkKey = ({ key, value }: Member, report: Report): void => {
  const names = ['type', 'always', 'private', 'description']
  const elements = elementsOf(value, { names, what: `the context key ${key}`, report })
  if (elements === undefined) return
  const isType = (text: string): boolean =>
    text !== 'attribute' && (KEY_TYPES as readonly string[]).includes(text)
  const rule = 'string, number, date, bool, ip or set<string>'
  if (!elements.has('type')) report.add('E_VALUE', value.at, `type must be ${rule}`)
  textOf(elements, 'type', { isValid: isType, rule, report })
  textOf(elements, 'description', { rule: 'a string', report })
  checkFlag(elements, 'private', report)
  const always = elements.get('always')?.value
  if (always?.kind !== 'boolean')
    report.add(
      'E_VALUE',
      always?.at ?? value.at,
      'always must be true or false: whether every request has the key',
    )
}

const checkService = (node: JsonNode, report: Report): void => {
  const elements = elementsOf(node, { names: ELEMENTS, what: 'a service', report })
  if (elements === undefined) return
  const rule = 'a name of small letters, digits and -, 32 at most, and none of the daemon itself'
  for (const element of ['service', 'actions', 'resource_types'])
    if (!elements.has(element)) report.add('E_VALUE', node.at, `${element} is missing`)
  textOf(elements, 'service', { isValid: (text) => isServiceName(text) && !OWN.includes(text), rule, report })
  textOf(elements, '$schema', { rule: 'a string', report })
  textOf(elements, 'description', { rule: 'a string', report })
  const types = membersOf(elements, 'resource_types', {
    isValid: isResourceType,
    rule: 'a resource type: letters, digits and -, 32 at most',
    report,
  })
  for (const type of types) checkType(type, report)
  const written = elements.get('service')?.value
  const name = written?.kind === 'string' ? written.value : ''
  const keys = membersOf(elements, 'context_keys', {
    isValid: (key) => isDeclaredKey(key) && key.startsWith(`${name}.`),
    rule: `a context key of this service, such as ${name}.total`,
    report,
  })
  for (const key of keys) checkKey(key, report)
  const actions = membersOf(elements, 'actions', {
    isValid: isVerb,
    rule: 'a verb: a capital, then letters and digits, 64 at most',
    report,
  })
  const verbs = new Map<string, string>()
  for (const action of actions) {
    const twin = verbs.get(action.key.toLowerCase())
    if (twin !== undefined && twin !== action.key)
      report.add(
        'E_VALUE',
        action.keyAt,
        `${action.key} and ${twin} are one action: case does not tell them apart`,
      )
    verbs.set(action.key.toLowerCase(), action.key)
    checkAction(action, { types, keys, actions, report })
  }
}

/** Reads and checks the declaration of a service; all that is wrong with it is reported together. */
export const validateService = (
  text: string,
  { file, parse }: { file: string; parse?: Parse | undefined },
): ValidatedService => {
  const { node, diagnostics } = readChecked(text, file, checkService, { parse })
  return { service: node && (plainValue(node) as Service), diagnostics }
}
