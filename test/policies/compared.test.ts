import { expect, test } from 'vitest'
import { comparesAny, compilePolicy, createLayer, type OwnedLayer } from '../../policies/index.ts'
import type { PolicyDocument } from '../../policies/language.ts'

const layersOf = (...statements: PolicyDocument['Statement']): OwnedLayer[] => {
  const document: PolicyDocument = { Version: 'authctl/1', Id: 'a', Statement: statements }
  const layer = createLayer([compilePolicy(document, { name: 'root/a', hash: 'a' })])
  return [{ kind: 'own', principal: {}, layer }]
}
const about = (Condition: object, Resource = 'order/*') =>
  layersOf({ Effect: 'Deny', Action: 'shop:R*', Resource, Condition } as PolicyDocument['Statement'][number])

test.each<[string, OwnedLayer[]]>([
  ['a condition on it', about({ StringEquals: { 'shop.card': 'gold' } })],
  ['that it is not there', about({ Null: { 'shop.card': true } })],
  ['a value that is made of it', about({ StringEquals: { 'resource.card': '${shop.card}' } })],
  ['another key that is compared with it', about({ NumericLessThan: { 'resource.total': '${shop.card}' } })],
  ['a resource that is made of it', about({}, "order/${shop.card, 'none'}/*")],
])('a decision depends on a key by %s', (_what, layers) => {
  expect(comparesAny(layers, 'shop:Read', ['shop.other', 'shop.card'])).toBe(true)
  expect(comparesAny(layers, 'shop:Write', ['shop.card'])).toBe(false)
  expect(comparesAny(layers, 'shop:Read', ['shop.other'])).toBe(false)
  expect(comparesAny([...about({}), ...layers], 'shop:Read', ['shop.card'])).toBe(true)
})

test('and on the time by a condition on the time of day', () => {
  const layers = about({ TimeOfDay: { 'request.time': '09:00-17:00 Asia/Kolkata' } })
  expect(comparesAny(layers, 'shop:Read', ['request.time'])).toBe(true)
})
