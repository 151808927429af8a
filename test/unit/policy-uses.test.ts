import { expect, test } from 'vitest'
import { createPolicyUses, MAX_KNOWN_USES, USE_MS } from '../../daemon/usecases/access/uses.ts'
import { compilePolicy } from '../../policies/index.ts'
import { inUseAmong, type PolicyObject } from '../../policies/plan/index.ts'
import { allowing } from '../support/policy-calls.ts'
import type { PolicyDocument } from '../../policies/index.ts'

const MINUTE = 60_000
const documentOf = (name: string, action = 'shop:Read') => allowing(name, action) as unknown as PolicyDocument
const statementsOf = (name: string) => compilePolicy(documentOf('x'), { name, hash: name }).statements

const using = () => {
  const clock = { at: 1000 * MINUTE, now: () => clock.at }
  return { clock, uses: createPolicyUses(clock) }
}

test('a use is remembered to the minute, the last one first, and for a week', () => {
  const { clock, uses } = using()
  uses.note(statementsOf('root/a'))
  clock.at += 90_000
  uses.note(statementsOf('root/b'))
  expect(uses.latest()).toEqual([
    { policy: 'root/b', at: 1001 * MINUTE },
    { policy: 'root/a', at: 1000 * MINUTE },
  ])
  clock.at = 1000 * MINUTE + USE_MS
  expect(uses.latest().map(({ policy }) => policy)).toEqual(['root/b'])
})

test('managed policies are never pruned and not remembered; of the others a bounded number', () => {
  const { uses } = using()
  uses.note(statementsOf('authctl:Admin'))
  expect(uses.latest()).toEqual([])
  for (let index = 0; index < MAX_KNOWN_USES + 10; index++) uses.note(statementsOf(`root/p${index}`))
  expect(uses.latest()).toHaveLength(MAX_KNOWN_USES)
})

const objects: PolicyObject[] = [
  { kind: 'document', name: 'used', value: documentOf('used', 'shop:Read'), origin: null },
  { kind: 'document', name: 'idle', value: documentOf('idle', 'bank:Pay'), origin: null },
  {
    kind: 'service',
    name: 'shop',
    value: { service: 'shop', actions: { Read: { resources: ['item'] } }, resource_types: { item: {} } },
    origin: null,
  },
  {
    kind: 'service',
    name: 'bank',
    value: { service: 'bank', actions: {}, resource_types: {} },
    origin: null,
  },
  {
    kind: 'attachment',
    name: 'role=client',
    value: { to: { role: 'client' }, policies: ['idle', 'root/used'] },
    origin: null,
  },
  { kind: 'attachment', name: 'role=user', value: { to: { role: 'user' }, policies: 'idle' }, origin: null },
]

test('with a policy in use stay the attachments that bring it and the services that it names', () => {
  const spared = [...inUseAmong(objects, (name) => name === 'used')]
  expect(spared.map(({ kind, name }) => `${kind}/${name}`)).toEqual([
    'document/used',
    'service/shop',
    'attachment/role=client',
  ])
  expect(inUseAmong(objects, () => false).size).toBe(0)
  expect(inUseAmong(objects, () => true).size).toBe(objects.length)
})
