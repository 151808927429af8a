import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { routes } from '../../daemon/contract/routes.ts'
import { NAMESPACE as CONTRACT_NAMESPACE } from '../../daemon/contract/schema.ts'
import { AccountId } from '../../daemon/contract/schemas/account.ts'
import { createCatalogue, keyOf } from '../../policies/catalogue.ts'
import {
  ACCOUNT_ID,
  ASKED_KEY,
  ATTRIBUTE_NAME,
  DECLARED_KEY,
  isNamed,
  NAMESPACE,
  POLICY_NAME,
  RESERVED_POLICY_NAMES,
  RESOURCE_SEGMENT,
  RESOURCE_TYPE,
  SERVICE_NAME,
  SET_NAME,
  VERB,
} from '../../policies/names.ts'

interface Schema {
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
}

const patternOf = (schema: unknown): string => {
  const { pattern, propertyNames } = schema as Schema
  const found = pattern ?? propertyNames?.pattern
  if (found === undefined) throw new Error('a schema without a pattern')
  return found
}

const field = (schema: unknown, name: string): Schema => {
  const found = (schema as Schema).properties?.[name]
  if (found === undefined) throw new Error(`no property ${name}`)
  return found
}

const check = routes['access.check'].body
const attributes = field(routes['clients.create'].body, 'attributes')

/** The contract imports nothing of the language: its patterns are copies. */
describe('the contract has the grammar of the language', () => {
  test.each<[string, unknown, string]>([
    ['an action', field(check, 'action'), `^${SERVICE_NAME}:${VERB}$`],
    ['a resource', field(check, 'resource'), `^${RESOURCE_TYPE}(?:/${RESOURCE_SEGMENT})+$`],
    ['a context key that is asked about', field(check, 'context'), `^${ASKED_KEY}$`],
    ['a service', field(routes['services.put'].params, 'name'), `^${SERVICE_NAME}$`],
    [
      'a policy',
      field(routes['policies.get'].params, 'name'),
      `^(?:authctl:|${CONTRACT_NAMESPACE}/)?${POLICY_NAME}$`,
    ],
    [
      'an attribute, but for the words of JavaScript',
      attributes,
      `^(?!__proto__$|constructor$|prototype$)${ATTRIBUTE_NAME}$`,
    ],
    ['a set', field(routes['policies.plan'].body, 'set'), `^${SET_NAME}$`],
    ['an attribute to look for', field(routes['accounts.list'].query, 'attribute'), `^${ATTRIBUTE_NAME}:`],
  ])('%s', (_, schema, pattern) => {
    expect(patternOf(schema)).toBe(pattern)
  })

  test('every word that is a path of its own beside policies is the name of none', () => {
    const words = Object.values<{ readonly path: string }>(routes).flatMap(
      ({ path }) => /^\/policies\/([a-z]+)/.exec(path)?.[1] ?? [],
    )
    expect([...RESERVED_POLICY_NAMES].sort()).toEqual([...new Set(words)].sort())
  })

  test.each([
    ['id', patternOf(AccountId), ACCOUNT_ID],
    ['namespace', `^${CONTRACT_NAMESPACE}$`, NAMESPACE],
  ])('every %s of the daemon is one of the language', (_, narrow, wide) => {
    const isOfLanguage = isNamed(wide)
    fc.assert(fc.property(fc.stringMatching(new RegExp(narrow)), (text) => isOfLanguage(text)))
  })

  test('every key that a service can declare may be said in a question', () => {
    const isSayable = new RegExp(patternOf(field(check, 'context')))
    const isDeclared = isNamed(DECLARED_KEY)
    const key = fc.stringMatching(new RegExp(`^${SERVICE_NAME}(?:\\.[A-Za-z0-9_-]{1,8}){1,3}$`))
    fc.assert(fc.property(key.filter(isDeclared), (text) => isSayable.test(text)))
    expect(isDeclared('my-shop.total')).toBe(true)
    expect(isSayable.test('my-shop.total')).toBe(true)
  })
})

test.each(['principal.attributes.', 'caller.attributes.', 'resource.'])(
  'every attribute of an account has a key %s*',
  (prefix) => {
    const catalogue = createCatalogue([])
    fc.assert(
      fc.property(fc.stringMatching(new RegExp(`^${ATTRIBUTE_NAME}$`)), (name) => {
        expect(keyOf(catalogue, prefix + name)?.type).toBe('attribute')
      }),
    )
  },
)

test.each([
  ['caller.attributes.1st', 'attribute'],
  ['resource.-', 'attribute'],
  ['caller.attributes.', undefined],
  [`resource.${'a'.repeat(65)}`, undefined],
  ['principal.team', undefined],
])('the key %s, which stored policies may name, is of type %s', (key, type) => {
  expect(keyOf(createCatalogue([]), key)?.type).toBe(type)
})
