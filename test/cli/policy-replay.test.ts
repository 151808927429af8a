import { mkdirSync, openSync, closeSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, type Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { ORDERS_SERVICE, policyOf } from '../support/policy-calls.ts'
import { attaching, filesOf } from '../support/policy-sets.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

/** The bar is a million: `REPLAY_QUESTIONS=1000000`. */
const QUESTIONS = Number(process.env['REPLAY_QUESTIONS'] ?? 20_000)
/** One of twenty questions is new. */
const DISTINCT = QUESTIONS / 20

let daemon: TestDaemon
let family: Family
let sandbox: Sandbox
let recording: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const run = (...argv: readonly string[]): Promise<Outcome> =>
  sandbox.run({ argv: ['policies', ...argv], env: hostSettings(daemon) })

const writeSet = (...statements: object[]): void => {
  const files = filesOf('replayed', {
    'services/orders.json': ORDERS_SERVICE,
    'documents/clerk.json': policyOf('clerk', ...statements),
    'attachments/a.json': attaching(
      { to: { role: 'admin' }, policies: ['clerk'] },
      { to: { role: 'client' }, policies: ['clerk'] },
    ),
  })
  for (const { path, text } of files) {
    mkdirSync(join(sandbox.directory, 'policies', path, '..'), { recursive: true })
    writeFileSync(join(sandbox.directory, 'policies', path), text)
  }
}

const READ = { Sid: 'Read', Effect: 'Allow', Action: 'orders:Read', Resource: 'order/*' }
const LARGE = {
  Sid: 'NoLarge',
  Effect: 'Deny',
  Action: 'orders:Read',
  Resource: 'order/7/*',
  Condition: { NumericGreaterThan: { 'orders.total': 100 }, Null: { 'orders.total': false } },
}

/** A line as the daemon writes it; `index` says which question. */
const lineOf = (turn: number, index: number): string => {
  const account = index % 2 === 0 ? family.client.id : family.admin.id
  const question = `"account":"${account}","action":"orders:Read","resource":"order/${index % 10}/${index}"`
  const context = `{"orders.total":${index % 300},"request.ip":"203.0.113.${index % 250}"}`
  return `{"at":${1_764_000_000 + turn},"verdict":"ALLOW","revisions":{"root":1},${question},"context":${context}}\n`
}

const writeRecording = (path: string): void => {
  const file = openSync(path, 'w', 0o600)
  for (let turn = 0; turn < QUESTIONS; turn += 10_000) {
    const lines = Array.from({ length: Math.min(10_000, QUESTIONS - turn) }, (_, i) =>
      lineOf(turn + i, ((turn + i) * 7919) % DISTINCT),
    )
    writeSync(file, lines.join(''))
  }
  closeSync(file)
}

beforeAll(async () => {
  sandbox = createSandbox()
  const argv = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'root']
  const signedIn = await sandbox.run({
    argv: [...argv, '--password-stdin'],
    env: hostSettings(daemon),
    stdin: { text: PASSWORD },
  })
  expect(signedIn).toMatchObject({ code: 0 })
  writeSet(READ)
  expect(await run('apply', 'policies', '--yes')).toMatchObject({ code: 0 })
  recording = join(sandbox.directory, 'decisions.jsonl')
  writeRecording(recording)
})
afterAll(() => sandbox.remove())

/** How many of the distinct questions the new Deny is about. */
const denied = (): number =>
  Array.from({ length: DISTINCT }, (_, index) => index).filter(
    (index) => index % 10 === 7 && index % 300 > 100,
  ).length

test(
  'plan --replay names the recorded questions that a set would answer otherwise, as often as they were asked',
  { timeout: 120_000 },
  async () => {
    writeSet(READ, LARGE)
    const began = performance.now()
    const { code, stdout } = await run('plan', 'policies', '--replay', recording, '--json')
    const seconds = (performance.now() - began) / 1000
    expect(code).toBe(0)
    const { replay } = JSON.parse(stdout) as {
      replay: { questions: number; distinct: number; changed: number; changes: Record<string, unknown>[] }
    }
    if (process.env['REPLAY_QUESTIONS'] !== undefined)
      process.stderr.write(`${QUESTIONS} questions, ${DISTINCT} distinct: ${seconds.toFixed(2)} s\n`)
    expect(replay).toMatchObject({ questions: QUESTIONS, distinct: DISTINCT, changed: 20 * denied() })
    expect(replay.changes).toHaveLength(denied())
    expect(replay.changes[0]).toMatchObject({
      action: 'orders:Read',
      count: 20,
      before: { decision: 'ALLOW', statement: { sid: 'Read' } },
      after: { decision: 'DENY_EXPLICIT', statement: { sid: 'NoLarge' } },
    })
  },
)

test('people see the questions that were asked most, with the statement before and after', async () => {
  const few = join(sandbox.directory, 'few.jsonl')
  const lines = [lineOf(1, 157), lineOf(2, 157), lineOf(3, 127), lineOf(4, 8), 'not a line\n', '{"at":17640']
  writeFileSync(few, lines.join(''))
  const { code, stdout } = await run('plan', 'policies', '--replay', few)
  expect(code).toBe(0)
  expect(stdout.slice(stdout.indexOf('Replay:'))).toBe(
    `Replay: 3 of 4 recorded questions (3 distinct) would be answered otherwise:
- orders:Read on order/7/157, asked 2 times
    for ${family.admin.id}, with {"orders.total":157,"request.ip":"203.0.113.157"}
    before: ALLOW by Allow of root/clerk, Read (policies/documents/clerk.json:5:5)
    after:  DENY_EXPLICIT by Deny of root/clerk, NoLarge (policies/documents/clerk.json:11:5)
- orders:Read on order/7/127, asked 1 time
    for ${family.admin.id}, with {"orders.total":127,"request.ip":"203.0.113.127"}
    before: ALLOW by Allow of root/clerk, Read (policies/documents/clerk.json:5:5)
    after:  DENY_EXPLICIT by Deny of root/clerk, NoLarge (policies/documents/clerk.json:11:5)
Left out: 2 that cannot be read.
`,
  )
  const markdown = await run('plan', 'policies', '--replay', few, '-o', 'markdown')
  expect(markdown.stdout).toContain(
    'Replay: 3 of 4 recorded questions (3 distinct) would be answered otherwise:\n\n```diff\n- orders:Read',
  )
})

test('a file that is none of a recording, or is not there, is told of', async () => {
  const none = join(sandbox.directory, 'none.jsonl')
  writeFileSync(none, '{"something": "else"}\n')
  for (const path of [none, join(sandbox.directory, 'absent.jsonl')]) {
    const { code, stderr } = await run('plan', 'policies', '--replay', path)
    expect(code).toBe(1)
    expect(stderr).toContain('AUTHCTL_RECORD_DECISIONS')
  }
})
