import { describe, expect, test } from 'vitest'
import { validateService } from '../../policies/validate/service.ts'
import { createCatalogue, isPrivate } from '../../policies/catalogue.ts'
import { OWN_SERVICES } from '../../policies/managed.ts'
import { ORDERS } from './samples.ts'

const check = (service: unknown): string[] =>
  validateService(typeof service === 'string' ? service : JSON.stringify(service), {
    file: 's.json',
  }).diagnostics.map(({ code, message }) => `${code} ${message}`)

describe('services', () => {
  test('a good one is read as it is written', () => {
    const text = JSON.stringify(ORDERS)
    expect(validateService(text, { file: 's.json' })).toEqual({ service: ORDERS, diagnostics: [] })
  })

  const changed = (change: object): object => ({ ...ORDERS, ...change })

  test('a service with a hyphen in its name has context keys of that name', () => {
    const service = changed({
      service: 'my-shop',
      actions: { Read: { resources: ['order'], keys: ['my-shop.total'] } },
      context_keys: { 'my-shop.total': { type: 'number', always: true } },
    })
    expect(validateService(JSON.stringify(service), { file: 's.json' }).diagnostics).toEqual([])
  })

  test.each<[string, unknown, RegExp]>([
    ['no object', [], /E_VALUE a service must be an object/],
    ['nothing in it', {}, /E_VALUE service is missing/],
    ['an unknown element', changed({ action: {} }), /E_UNKNOWN_KEY/],
    ...OWN_SERVICES.map(({ service }): [string, unknown, RegExp] => [
      `the daemon’s own name ${service}`,
      changed({ service }),
      /E_VALUE service must be/,
    ]),
    ['a name with a capital', changed({ service: 'authCtl' }), /E_VALUE service must be/],
    [
      'two verbs that case alone tells apart',
      changed({ actions: { Read: { resources: ['order'] }, READ: { resources: ['order'] } } }),
      /E_VALUE READ and Read are one action/,
    ],
    [
      'a context key of another service',
      changed({ context_keys: { 'shop.total': { type: 'number', always: true } }, actions: {} }),
      /E_VALUE "shop.total" is not a context key of this service, such as orders.total/,
    ],
    ['a name with a colon', changed({ service: 'a:b' }), /E_VALUE service must be/],
    [
      'a verb in small letters',
      changed({ actions: { read: { resources: ['order'] } } }),
      /E_VALUE "read" is not a verb/,
    ],
    ['an action without resources', changed({ actions: { Read: {} } }), /E_VALUE Read names no resources/],
    [
      'a replacement that is not declared',
      changed({
        actions: { Read: { resources: ['order'], replaced_by: 'Raed' }, Raid: { resources: ['order'] } },
      }),
      /E_REF Raed is not declared here/,
    ],
    [
      'a replacement that is replaced',
      changed({
        actions: {
          A: { resources: ['order'], replaced_by: 'B' },
          B: { resources: ['order'], replaced_by: 'C' },
          C: { resources: ['order'] },
        },
      }),
      /E_VALUE B is replaced itself: name what stays/,
    ],
    [
      'itself as its replacement',
      changed({ actions: { A: { resources: ['order'], replaced_by: 'A' } } }),
      /E_VALUE A is replaced itself/,
    ],
    [
      'a replacement that is no name',
      changed({ actions: { A: { resources: ['order'], replaced_by: true } } }),
      /E_VALUE replaced_by must be a verb of this service/,
    ],
    ['an action on nothing', changed({ actions: { Read: { resources: [] } } }), /E_EMPTY_LIST/],
    [
      'an undeclared type',
      changed({ actions: { Read: { resources: ['invioce'] } } }),
      /E_REF invioce is not declared/,
    ],
    [
      'an undeclared key',
      changed({ actions: { Read: { resources: ['order'], keys: ['orders.size'] } } }),
      /E_REF orders.size/,
    ],
    [
      'a built-in key',
      changed({ context_keys: { 'caller.id': { type: 'string', always: true } } }),
      /E_VALUE "caller.id"/,
    ],
    [
      'a key without a type',
      changed({ context_keys: { 'orders.total': { always: true } } }),
      /E_VALUE type must be/,
    ],
    [
      'a type that there is not',
      changed({ context_keys: { 'orders.total': { type: 'int', always: true } } }),
      /E_VALUE type must be/,
    ],
    [
      'a key without always',
      changed({ context_keys: { 'orders.total': { type: 'number' } } }),
      /E_VALUE always must be/,
    ],
    [
      'a mark that is neither true nor false',
      changed({ context_keys: { 'orders.total': { type: 'number', always: true, private: 'yes' } } }),
      /E_VALUE private must be true or false/,
    ],
    [
      'a private attribute that is called by its key',
      changed({ resource_types: { order: { private: ['resource.owner'] } } }),
      /E_VALUE "resource.owner" is not the name of an attribute/,
    ],
    ['no JSON', '{"service": "orders",}', /E_JSON a comma before the end/],
    ['more than 64 KiB', ' '.repeat(65_537), /E_LIMIT/],
  ])('%s is refused', (_what, service, expected) => {
    expect(check(service).join('\n')).toMatch(expected)
  })

  test('what is private is private for its key, and for its type of resources, in every service that declares it', () => {
    const key = { type: 'string', always: false } as const
    const marked = {
      ...ORDERS,
      resource_types: { ...ORDERS.resource_types, order: { private: ['owner', 'phone'] } },
      context_keys: { ...ORDERS.context_keys, 'orders.card': { ...key, private: true } },
    }
    expect(validateService(JSON.stringify(marked), { file: 's.json' }).diagnostics).toEqual([])
    const other = { service: 'shop', actions: {}, resource_types: { order: { private: 'note' } } }
    const catalogue = createCatalogue([marked, other])
    const isHidden = (name: string, type = 'order') => isPrivate(catalogue, name, type)
    for (const name of ['resource.owner', 'resource.phone', 'resource.note', 'orders.card'])
      expect(isHidden(name), name).toBe(true)
    expect(isHidden('resource.owner', 'invoice')).toBe(false)
    expect(isHidden('orders.total')).toBe(false)
  })

  test('of two that declare the same, the first counts', () => {
    const other = { ...ORDERS, actions: { Read: { resources: ['invoice'] }, Burn: { resources: ['order'] } } }
    const { actions } = createCatalogue([ORDERS, other])
    expect(actions.get('orders:Read')?.resources).toEqual(['order'])
    expect(actions.has('orders:Burn')).toBe(true)
  })

  test('what was probably meant is said', () => {
    const text = JSON.stringify(changed({ actions: { Read: { resources: ['invioce'] } } }))
    expect(validateService(text, { file: 's.json' }).diagnostics[0]?.suggestion).toBe('invoice')
  })
})
