import { expect, test } from 'vitest'
import type { AccountId } from '../../daemon/domain/account.ts'
import { recordedLine, recordedQuestion } from '../../daemon/domain/recorded-decision.ts'
import { createCatalogue, type Context } from '../../policies/index.ts'

const catalogue = createCatalogue([
  {
    service: 'shop',
    actions: { Read: { resources: ['order'], keys: ['shop.card', 'shop.total', 'shop.at'] } },
    resource_types: { order: { private: ['owner'] }, item: {} },
    context_keys: {
      'shop.card': { type: 'string', always: false, private: true },
      'shop.note': { type: 'string', always: false },
      'shop.tags': { type: 'set<string>', always: false },
      'shop.total': { type: 'number', always: false },
      'shop.at': { type: 'date', always: false },
    },
  },
])

const kept = (context: Context, { resource = 'order/1', said = context } = {}) =>
  recordedQuestion(
    { account: 'adm_1' as AccountId, action: 'shop:Read', resource, context },
    { said, catalogue },
  )

test('what the daemon knows of the caller is not in a recording, nor the time, unless it was said', () => {
  const context = {
    'caller.id': 'adm_1',
    'caller.attributes.team': 'secret',
    'request.time': 1_764_000_000,
    'request.ip': '203.0.113.7',
  }
  expect(kept(context, { said: {} })).toEqual({
    account: 'adm_1',
    action: 'shop:Read',
    resource: 'order/1',
    context: { 'request.ip': '203.0.113.7' },
    hidden: [],
  })
  expect(kept(context)?.context).toEqual({ 'request.ip': '203.0.113.7', 'request.time': 1_764_000_000 })
})

test.each<[string, Context]>([
  ['what its service marks as private', { 'shop.card': 'gold' }],
  ['a private attribute of the resource', { 'resource.owner': 'asha' }],
  ['a number to call', { 'shop.note': '+91 98765-43210' }],
  ['one within a text', { 'shop.note': 'call +919876543210 first' }],
  ['one without its country', { 'shop.note': '9876543210' }],
  ['one of a set', { 'shop.tags': ['red', '+919876543210'] }],
  ['one in an attribute', { 'resource.phone': '(080) 2345 6789' }],
  ['a long text, as tokens are', { 'shop.note': 'x'.repeat(257) }],
])('%s is hidden: the key is kept, and not the value', (_what, context) => {
  expect(kept(context)).toMatchObject({ context: {}, hidden: Object.keys(context) })
})

test.each<[string, Context]>([
  ['a private attribute of another type', { 'resource.size': 'small' }],
  ['a number', { 'shop.total': 9_876_543_210 }],
  ['a number that is written as a text', { 'shop.total': '9876543210' }],
  ['a date in seconds', { 'shop.at': '1764000000' }],
  ['a short code', { 'shop.note': '560001' }],
])('%s is kept', (_what, context) => {
  expect(kept(context)).toMatchObject({ context, hidden: [] })
})

test('a question about a resource that tells a number to call is not kept at all', () => {
  expect(kept({}, { resource: 'order/+919876543210/1' })).toBeUndefined()
  expect(kept({ 'resource.owner': 'a' }, { resource: 'item/1' })).toMatchObject({ hidden: [] })
})

test('equal questions are equal texts behind the same words, whatever was said first', () => {
  const lines = [
    { 'shop.total': 1, 'shop.note': 'b' },
    { 'shop.note': 'b', 'shop.total': 1 },
  ].map((context, index) => {
    const question = kept(context)
    if (question === undefined) throw new Error('nothing is kept')
    return recordedLine({ at: 1_764_000_000 + index, verdict: 'ALLOW', revisions: { root: index }, question })
  })
  const questions = lines.map((line) => line.slice(line.indexOf(',"account":')))
  expect(questions[0]).toBe(questions[1])
  expect(lines[0]).toMatch(/^\{"at":1764000000,"verdict":"ALLOW","revisions":\{"root":0\},"account":"adm_1",/)
})
