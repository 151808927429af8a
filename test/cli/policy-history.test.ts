import { afterAll, beforeAll, expect, test } from 'vitest'
import { INFO, type ScriptedServer, sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

const HEAD = 250
const BEGAN = 21
/** Older ones are not kept. */
const OLDEST = 11

const allowing = (action: string): object => ({
  kind: 'document',
  name: 'clerk',
  value: {
    Version: 'authctl/1',
    Id: 'clerk',
    Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }],
  },
  origin: null,
})

let actionOf = (number: number): string => (number < BEGAN ? 'orders:Read' : 'orders:Refund')

const revision = (number: number): object => ({
  id: `r${number}`,
  number,
  namespace: 'root',
  parent: null,
  created_at: '2026-01-01T00:00:00.000Z',
  actor: `sa_${number}`,
  event: 'edit',
  set: null,
  commit: null,
  objects: [allowing(actionOf(number))],
})

let sandbox: Sandbox
let server: ScriptedServer
let asked: number[] = []
beforeAll(async () => {
  sandbox = createSandbox()
  server = await startScriptedServer()
  server.react = ({ url }, response) => {
    if (url === '/') return sendJson(response, 200, INFO)
    if (url.startsWith('/policies/revisions?'))
      return sendJson(response, 200, { items: [revision(HEAD)], next_cursor: null })
    const id = (url.split('/')[3] ?? '').replace('r', '')
    asked.push(Number(id))
    return Number(id) < OLDEST
      ? sendJson(response, 404, { status: 404, code: 'not_found', detail: 'Not there.' })
      : sendJson(response, 200, revision(Number(id)))
  }
})
afterAll(async () => {
  await server.stop()
  sandbox.remove()
})

const blame = async (action: string): Promise<Outcome> => {
  asked = []
  return await sandbox.run({
    argv: ['policies', 'blame', action, 'order/1', '--json'],
    env: { AUTHCTL_SERVER: server.url, AUTHCTL_TOKEN: 'x.y.z' },
  })
}

test('blame looks back as far as it takes, and says so where the history that is kept ends', async () => {
  const began = await blame('orders:Refund')
  expect(JSON.parse(began.stdout)).toMatchObject({
    policies: [{ since: { number: BEGAN, actor: `sa_${BEGAN}` } }],
  })
  expect(asked.length).toBeLessThan(HEAD - BEGAN + 16)
  // Every revision that is kept allows it.
  actionOf = () => '*'
  const always = await blame('orders:Read')
  expect(JSON.parse(always.stdout)).toMatchObject({ policies: [{ policy: 'root/clerk', since: null }] })
})
