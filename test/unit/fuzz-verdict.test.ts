import { expect, test } from 'vitest'
import { buildOpenApi } from '../../daemon/contract/openapi.ts'
import { createJudge, type Document } from '../fuzz/verdict.ts'

const document = buildOpenApi({ version: '1.2.3', serverUrl: 'https://auth.example.com' })
const judge = createJudge(document as unknown as Document)
const problem = (status: number, code: string) =>
  JSON.stringify({ type: 'x', title: 'x', status, detail: 'x', instance: 'x', code })
const answer = (status: number, text: string, type = 'application/json') => ({
  status,
  headers: new Map([
    ['x-request-id', 'x'],
    ['cache-control', 'no-store'],
    ['www-authenticate', 'Bearer'],
    ['content-type', `${type}; charset=utf-8`],
  ]),
  text,
})
const without = (name: string) => {
  const refused = answer(401, problem(401, 'invalid_token'), 'application/problem+json')
  refused.headers.delete(name)
  return refused
}
const health = { method: 'GET', target: '/healthz' }

test('an answer as the document describes it passes', () => {
  expect(judge(health, answer(200, '{"status":"ok"}'))).toBeUndefined()
  const refused = answer(401, problem(401, 'invalid_token'), 'application/problem+json')
  expect(judge({ method: 'GET', target: '/accounts?limit=1' }, refused)).toBeUndefined()
  expect(judge({ method: 'HEAD', target: '/healthz' }, answer(200, ''))).toBeUndefined()
  const unknown = answer(404, problem(404, 'not_found'), 'application/problem+json')
  expect(judge({ method: 'GET', target: '/nowhere' }, unknown)).toBeUndefined()
})

test.each([
  ['another status', health, answer(201, '{"status":"ok"}')],
  ['an error of the server', health, answer(500, problem(500, 'internal'), 'application/problem+json')],
  ['a body that does not fit', health, answer(200, '{"status":"well"}')],
  ['a field too many', health, answer(200, '{"status":"ok","more":1}')],
  ['another type', health, answer(200, '{"status":"ok"}', 'text/html')],
  ['no JSON', health, answer(200, '<html>')],
  ['a code of another route', health, answer(400, problem(400, 'invalid_phone'), 'application/problem+json')],
  ['no request id', health, { ...answer(200, '{"status":"ok"}'), headers: new Map<string, string>() }],
  ['a body for HEAD', { method: 'HEAD', target: '/healthz' }, answer(200, '{"status":"ok"}')],
  ['an answer of no operation', { method: 'GET', target: '/nowhere' }, answer(200, '{}')],
  ['a refusal that may be kept', health, without('cache-control')],
  ['a refusal that does not say how to sign in', health, without('www-authenticate')],
])('%s does not', (_name, sent, wrong) => {
  expect(judge(sent, wrong)).toBeTypeOf('string')
})
