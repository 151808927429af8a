import { describe, expect, test } from 'vitest'
import { findLackingRight, type LackingRight } from '../../policies/ceiling/ceiling.ts'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { GrantTooLarge } from '../../policies/ceiling/grant.ts'
import { decide, type OwnedLayer } from '../../policies/engine/decide.ts'
import type { Statement } from '../../policies/language.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import { CATALOGUE } from './samples.ts'

const layerOf = (
  path: string,
  role: string,
  statements: readonly Statement[],
  kind: OwnedLayer['kind'] = 'own',
) => ({
  kind,
  principal: { 'principal.id': path.split('/').at(-1) ?? '', 'principal.role': role, 'principal.path': path },
  layer: createLayer([compilePolicy({ Statement: statements }, { name: path, hash: path })]),
})

const allow = (Action: string, Resource: string, Condition?: Statement['Condition']): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
})
const deny = (Action: string, Resource: string): Statement => ({ Effect: 'Deny', Action, Resource })

const CALLER = {
  'caller.id': 'cli_c',
  'caller.role': 'client',
  'caller.path': 'adm_a/cli_c',
  'request.time': 1,
  'request.ip': '10.1.2.3',
}
const clientHas = (...statements: Statement[]): OwnedLayer[] => [layerOf('adm_a/cli_c', 'client', statements)]
const adminHas = (...statements: Statement[]): OwnedLayer[] => [layerOf('adm_a', 'admin', statements)]

const lacking = (
  after: readonly OwnedLayer[],
  granter: readonly OwnedLayer[],
  before: readonly OwnedLayer[] = [],
) => findLackingRight({ caller: CALLER, before, after, granter }, CATALOGUE)

describe('the ceiling', () => {
  test.each<[string, OwnedLayer[], OwnedLayer[]]>([
    ['the same right', clientHas(allow('orders:Read', 'order/1')), adminHas(allow('orders:Read', 'order/1'))],
    [
      'a narrower resource',
      clientHas(allow('orders:Read', 'order/1/*')),
      adminHas(allow('orders:Read', 'order/*')),
    ],
    ['a narrower action', clientHas(allow('orders:Read', 'order/*')), adminHas(allow('orders:*', 'order/*'))],
    [
      'what each has of its own',
      clientHas(allow('orders:Read', 'order/${principal.path}/*')),
      adminHas(allow('orders:Read', 'order/${principal.path}/*')),
    ],
    [
      'a right that the account denies itself',
      clientHas(allow('orders:*', 'order/*'), deny('orders:Write', '*')),
      adminHas(
        allow('orders:Read', 'order/*'),
        allow('orders:List', 'order/*'),
        allow('orders:Fetch', 'order/*'),
      ),
    ],
    ['an action of no service', clientHas(allow('shop:Buy', 'order/1')), adminHas()],
    [
      'what the granter has had since last year',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas(allow('orders:*', 'order/*'), {
        ...deny('*', '*'),
        Condition: { DateLessThan: { 'request.time': '1969-12-31T00:00:00Z' } },
      }),
    ],
    [
      'what the granter has in two parts that are everything',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas(
        allow('orders:Read', 'order/*', { NumericLessThan: { 'orders.total': 100 } }),
        allow('orders:Read', 'order/*', { NumericGreaterThanEquals: { 'orders.total': 100 } }),
      ),
    ],
    [
      'what is guarded',
      clientHas(allow('orders:Read', 'order/*', { Null: { 'orders.total': 'false' } })),
      adminHas(allow('orders:Read', 'order/*')),
    ],
    [
      'what the granter, who asks from the office, has there',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas(allow('orders:Read', 'order/*'), {
        ...deny('*', '*'),
        Condition: { NotIpAddress: { 'request.ip': '10.0.0.0/8' } },
      }),
    ],
    [
      'the same condition',
      clientHas(allow('orders:Read', 'order/1', { Bool: { 'request.mfa': true } })),
      adminHas(allow('orders:*', 'order/*', { Bool: { 'request.mfa': true } })),
    ],
  ])('%s may be given', (_what, after, granter) => {
    expect(lacking(after, granter)).toBeUndefined()
  })

  test.each<[string, OwnedLayer[], OwnedLayer[], Partial<LackingRight>]>([
    [
      'another action',
      clientHas(allow('orders:*', 'order/1')),
      adminHas(allow('orders:Read', 'order/1')),
      { action: 'orders:Write', resource: 'order/1' },
    ],
    [
      'a wider resource',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas(allow('orders:Read', 'order/${principal.path}/*')),
      { action: 'orders:Read', resource: 'order/~' },
    ],
    [
      'everything',
      clientHas(allow('*', '*')),
      adminHas(allow('orders:Read', 'order/*')),
      { action: 'orders:Write', resource: 'order/~' },
    ],
    [
      'what the granter has all but a part of',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas({ Effect: 'Allow', Action: 'orders:*', NotResource: 'order/secret/*' }),
      { resource: 'order/secret/~' },
    ],
    [
      'one segment more',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas(allow('orders:*', 'order/?')),
      { resource: 'order/~/~' },
    ],
    [
      'under no condition',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas(allow('orders:Read', 'order/*', { StringNotEquals: { 'resource.status': 'locked' } })),
      { context: expect.objectContaining({ 'resource.status': 'locked' }) as never },
    ],
    [
      'what the granter is denied',
      clientHas(allow('orders:Read', 'order/*')),
      adminHas(allow('orders:*', 'order/*'), deny('orders:Read', 'order/secret/*')),
      { resource: 'order/secret/~' },
    ],
    [
      'what the granter has under a condition',
      clientHas(allow('orders:Read', 'order/1')),
      adminHas(allow('orders:Read', 'order/1', { Bool: { 'request.mfa': true } })),
      { resource: 'order/1' },
    ],
    [
      'under another condition',
      clientHas(allow('orders:Read', 'order/1', { NumericLessThan: { 'orders.total': 200 } })),
      adminHas(allow('orders:Read', 'order/1', { NumericLessThan: { 'orders.total': 100 } })),
      {
        context: expect.objectContaining({
          'orders.total': expect.stringMatching(/^(?:1\d\d)$/) as string,
        }) as never,
      },
    ],
    [
      'a boundary of the granter',
      clientHas(allow('orders:Read', 'order/1')),
      [...adminHas(allow('*', '*')), layerOf('adm_a', 'admin', [allow('orders:List', '*')], 'boundary')],
      { action: 'orders:Read' },
    ],
  ])('%s is refused, with a request that shows it', (_what, after, granter, expected) => {
    const found = lacking(after, granter)
    expect(found).toMatchObject(expected)
    if (found === undefined) throw new Error('nothing was found')
    expect(decide(after, found).verdict).toBe('ALLOW')
    expect(decide(granter, found).verdict).not.toBe('ALLOW')
  })

  test('a maker who may do everything is asked nothing, and a grant beyond all bounds is refused instead of holding everybody up', () => {
    const many = Array.from({ length: 5120 }, (_v, n): Statement => ({
      ...allow('orders:Read', ''),
      Resource: Array.from({ length: 25 }, (_w, m) => `order/${n}/${m}/*`),
    }))
    expect(lacking(clientHas(...many), adminHas(allow('*', '*')))).toBeUndefined()
    expect(() => lacking(clientHas(...many), adminHas(allow('orders:*', 'order/*')))).toThrow(GrantTooLarge)
  })

  test('what the account has already is not given', () => {
    const has = clientHas(allow('orders:*', 'order/*'))
    expect(lacking(has, adminHas(), has)).toBeUndefined()
  })

  test('to take a Deny or a boundary away gives what it held back', () => {
    const own = allow('orders:*', 'order/*')
    const held = clientHas(own, deny('orders:Write', 'order/*'))
    expect(lacking(clientHas(own), adminHas(allow('orders:Read', '*')), held)).toMatchObject({
      action: 'orders:Write',
    })
    const bounded = [
      ...clientHas(own),
      layerOf('adm_a/cli_c', 'client', [allow('orders:Read', '*')], 'boundary'),
    ]
    expect(lacking(clientHas(own), adminHas(allow('orders:Read', '*')), bounded)).toMatchObject({
      action: 'orders:Write',
    })
  })
})
