import { describe, expect, test } from 'vitest'
import { FORMS } from '../../cli/input/forms.ts'
import { routes } from '../../daemon/contract/routes.ts'

interface Schema {
  readonly pattern?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly propertyNames?: Schema
}

const field = (schema: unknown, ...path: readonly string[]): Schema | undefined =>
  path.reduce<Schema | undefined>((each, name) => each?.properties?.[name], schema as Schema)

const { 'access.check': check, 'access.explain': explain, 'policies.list': list, ...others } = routes

/** A JSON Schema has one way more to write a slash. */
const plain = (source: string | undefined): string | undefined => source?.replaceAll('\\/', '/')

describe('the forms that are checked before anything is sent', () => {
  test.each<[keyof typeof FORMS, Schema | undefined]>([
    ['action', field(check.body, 'action')],
    ['resource', field(check.body, 'resource')],
    ['contextKey', field(check.body, 'context')?.propertyNames],
    ['principal', field(check.body, 'principal')],
    ['account', field(others['accounts.get'].params, 'id')],
    ['namespace', field(list.query, 'namespace')],
    ['policy', field(others['policies.get'].params, 'name')],
    ['session', field(others['sessions.revoke'].params, 'id')],
    ['application', field(others['applications.get'].params, 'id')],
    ['service', field(others['services.put'].params, 'name')],
    ['attribute', field(others['clients.create'].body, 'attributes')?.propertyNames],
  ])('%s is that of the daemon', (form, schema) => {
    expect(plain(schema?.pattern)).toBe(plain(FORMS[form].pattern.source))
  })

  test('the id of a decision is no wider than the daemon takes it', () => {
    const { minLength, pattern } = field(explain.body, 'decision_id') as {
      minLength: number
      pattern: string
    }
    expect(FORMS.decision.pattern.source).toBe(pattern.replace('+$', `{${minLength},}$`))
  })
})
