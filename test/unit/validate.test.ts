import { Type, type TSchema } from 'typebox'
import { beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../daemon/contract/routes.ts'
import { NewSubClient } from '../../daemon/contract/routes/subclients.ts'
import { Login } from '../../daemon/contract/schemas/sign-in.ts'
import { Account } from '../../daemon/contract/schemas/account.ts'
import { closed } from '../../daemon/contract/schema.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import { requireModestShape } from '../../daemon/http/modest-shape.ts'
import { replyText } from '../../daemon/http/reply-text.ts'
import {
  filterReply,
  loadValidators,
  useValidator,
  validateBody,
  validateText,
} from '../../daemon/http/validate.ts'
import { validatorOf } from '../../scripts/validators.ts'

/** A schema that is no route's, with its validators made here. */
const checked = <S extends TSchema>(schema: S): S => {
  for (const kind of ['bodies', 'texts', 'replies'] as const)
    useValidator(kind, schema, validatorOf(kind, schema))
  return schema
}

beforeAll(async () => {
  checked(Account)
  for (const id of ['admins.login', 'subclients.create'] as const) await loadValidators(routes[id])
})

const account = {
  id: 'adm_1',
  role: 'admin',
  name: null,
  username: null,
  phone: null,
  email: null,
  parent_id: null,
  path: 'adm_1',
  status: 'active',
  attributes: { tier: 'gold' },
  policies: [],
  boundary: null,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  version: 1,
}

describe('numbers that are too large for one', () => {
  const refused = expect.objectContaining({ code: 'invalid_request' }) as Failure
  const schema = checked(closed({ n: Type.Optional(Type.Number()), t: Type.Optional(Type.String()) }))

  test('H2: a text that would be one is refused, whatever bounds its schema has, and names its field', () => {
    for (const n of ['9'.repeat(400), '1e999', '-1e999', 'Infinity']) {
      expect(() => validateText(schema, { n }, 'query')).toThrow(refused)
      const errors = [{ pointer: '/query/n', code: 'type', detail: 'The number is too large.' }]
      expect(() => validateText(schema, { n }, 'query')).toThrow(
        expect.objectContaining({ errors }) as Failure,
      )
    }
    expect(validateText(schema, { n: '1e3', t: '9'.repeat(400) }, 'query')).toMatchObject({ n: 1000 })
  })

  test('H2: so is one of a body, at any depth', () => {
    const read = (text: string) => requireModestShape(JSON.parse(text) as object, 200)
    for (const text of ['{"a":1e999}', '{"a":[{"b":-1e400}]}'])
      expect(() => read(text)).toThrow(expect.objectContaining({ code: 'invalid_json' }) as Failure)
    expect(() => read('{"a":[1e308,"1e999"]}')).not.toThrow()
  })
})

describe('replies', () => {
  test('what the schema does not declare cannot leave, at any depth; open maps stay whole', () => {
    const schema = checked(closed({ account: Account, list: Type.Array(closed({ a: Type.Integer() })) }))
    const reply = {
      account: { ...account, passwordHash: '$argon2id$…', epoch: 3 },
      list: [{ a: 1, secret: 's' }],
      token: 't',
    }
    expect(filterReply(schema, reply)).toEqual({ account, list: [{ a: 1 }] })
  })

  test('a long list, at any depth, leaves item by item in the words of the whole', async () => {
    const Item = checked(closed({ a: Type.Integer(), b: Type.Optional(Type.Array(Type.String())) }))
    const Inner = closed({ items: Type.Array(Item, { description: 'Many' }), few: Type.Array(Item) })
    const Text = checked(Type.String())
    const schema = checked(
      closed({ n: Type.Integer(), inner: Inner, texts: Type.Array(Text), z: Type.Null() }),
    )
    const items = Array.from({ length: 500 }, (_, a) => ({
      a,
      b: a % 2 === 0 ? ['"ü\n'] : undefined,
      secret: a,
    }))
    const make = () => ({
      n: 1,
      secret: 's',
      inner: { items: structuredClone(items), few: [{ a: 1, secret: 's' }], secret: 's' },
      texts: Array.from({ length: 300 }, (_, n) => `text ${n}`),
      z: null,
    })
    const made = replyText(schema, make())
    expect(made).toBeInstanceOf(Promise)
    const text = await made
    expect(String(text)).toBe(JSON.stringify(filterReply(schema, make())))
    expect(String(text)).not.toContain('secret')
    expect(replyText(schema, { ...make(), inner: { items: [], few: [] }, texts: [] })).toBeTypeOf('string')
    const wrong = { ...make(), texts: [...Array.from({ length: 300 }, () => 't'), 7] }
    await expect(replyText(schema, wrong)).rejects.toThrow('the reply does not fit its schema')
  })

  test('a reply that does not fit is a defect, named without its value', () => {
    expect(() => filterReply(Account, { ...account, phone: 7 })).toThrow(
      'the reply does not fit its schema at /phone',
    )
  })
})

describe('requests', () => {
  const errorsOf = (run: () => unknown) => {
    try {
      run()
    } catch (error) {
      if (error instanceof Failure) return error.errors?.map(({ pointer, code }) => [pointer, code])
    }
    return undefined
  }

  test('every field at fault is named at once', () => {
    const schema = checked(closed({ a: Type.String(), b: closed({ c: Type.Integer() }) }))
    expect(errorsOf(() => validateBody(schema, { b: { c: 'x', 'd/e~f': 1 }, z: 1 }))).toEqual([
      ['/a', 'required'],
      ['/z', 'additionalProperties'],
      ['/b/d~1e~0f', 'additionalProperties'],
      ['/b/c', 'type'],
    ])
  })

  test('a misspelt field is one error, with the name that it was meant to be', () => {
    const details = (schema: TSchema, value: unknown) => {
      try {
        validateBody(schema, value)
      } catch (error) {
        if (error instanceof Failure)
          return error.errors?.map(({ pointer, detail }) => `${pointer} ${detail}`)
      }
      return undefined
    }
    const hint = (pointer: string, meant: string) => [
      `${pointer} This field is unknown here. Did you mean ${meant}?`,
    ]
    expect(details(Login, { usernme: 'asha', password: 'x' })).toEqual(hint('/usernme', 'username'))
    expect(details(Login, { username: 'asha', Password: 'x' })).toEqual(hint('/Password', 'password'))
    expect(details(Login, { nubmer: '1', otp: '123456' })).toEqual(hint('/nubmer', 'number'))
    expect(details(NewSubClient, { nam: 'x', number: '1' })).toEqual(hint('/nam', 'name'))
    expect(details(NewSubClient, { name: 'x', usrname: 'abc', password: 'x' })).toEqual(
      hint('/usrname', 'username'),
    )
    // What is there already is not what was meant, and what resembles nothing is only unknown.
    expect(details(Login, { username: 'asha', password: 'x', usernam: 'y' })).toEqual([
      '/usernam This field is unknown here.',
    ])
    expect(details(Login, { username: 'asha', password: 'x', zzzzzz: 'y' })).toEqual([
      '/zzzzzz This field is unknown here.',
    ])
  })

  test('a choice between fields is one error', () => {
    expect(errorsOf(() => validateBody(Login, {}))).toEqual([['', 'oneOf']])
    expect(errorsOf(() => validateBody(Login, { password: 'x' }))).toEqual([
      ['/username', 'dependentRequired'],
    ])
    expect(errorsOf(() => validateBody(NewSubClient, { name: 'x' }))).toEqual([['', 'anyOf']])
    expect(
      errorsOf(() => validateBody(NewSubClient, { name: 'x', number: '1', attributes: { a: [] } })),
    ).toEqual([['/attributes/a', 'anyOf']])
  })

  test('bodies are not coerced, text is', () => {
    const schema = checked(closed({ n: Type.Integer({ default: 5 }) }))
    expect(errorsOf(() => validateBody(schema, { n: '7' }))).toEqual([['/n', 'type']])
    expect(validateText(schema, { n: '7' }, 'query')).toEqual({ n: 7 })
    expect(validateText(schema, {}, 'query')).toEqual({ n: 5 })
    expect(errorsOf(() => validateText(schema, { n: ['7', '8'] }, 'query'))).toEqual([['/query/n', 'type']])
  })

  test('20 levels and the given number of keys are the most', () => {
    const nest = (levels: number): unknown => (levels === 0 ? 1 : { a: nest(levels - 1) })
    expect(() => requireModestShape(nest(20), 200)).not.toThrow()
    expect(() => requireModestShape(nest(21), 200)).toThrow(Failure)
    expect(() => requireModestShape({ a: Array.from({ length: 199 }, () => 0) }, 200)).not.toThrow()
    expect(() => requireModestShape({ a: Array.from({ length: 200 }, () => 0) }, 200)).toThrow(Failure)
  })
})

test('the build has made the validators of every route, and of nothing else', async () => {
  for (const route of Object.values(routes)) await expect(loadValidators(route)).resolves.toBeUndefined()
  const unknown = { ...routes['auth.me'], operationId: 'auth.you' }
  await expect(loadValidators(unknown)).rejects.toThrow('auth.you: 0 validators of bodies; build again')
  expect(() => filterReply(closed({}), {})).toThrow('a schema that is in none of the replies')
})
