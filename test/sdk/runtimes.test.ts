import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signWebhook } from '../../daemon/adapters/sms/webhook.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { ROOT } from '../support/source-files.ts'

const ISSUER = 'https://auth.example.org'
const NUMBER = '+919876543210'
const SECRET = 'a webhook secret'

let daemon: TestDaemon
beforeAll(async () => {
  daemon = await startTestDaemon({ PUBLIC_URL: ISSUER, AUTHCTL_RATE_LIMITS: 'off' })
})
afterAll(() => daemon?.stop())

/** A runtime that the environment names, or that is on the path. */
const find = (name: string): string | undefined =>
  process.env[name.toUpperCase()] ??
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file))

const RUNTIMES = [
  ['Node', process.execPath, []],
  ['Deno', find('deno'), ['run', '--allow-all', '--node-modules-dir=manual']],
  ['Bun', find('bun'), ['run']],
] as const

test.for(RUNTIMES)(
  'S24: on %s the built package signs in, refreshes, verifies and signs out',
  async ([name, file, args], context) => {
    if (file === undefined) return context.skip(`there is no ${name}: ${name.toUpperCase()} may name one`)
    const unixSeconds = Math.floor(Date.now() / 1000)
    const event = { id: 'd', number: NUMBER, code: '1', purpose: 'p', client_id: 'c', expires_at: 'soon' }
    const body = JSON.stringify(event)
    const headers = signWebhook(SECRET, { id: 'd', unixSeconds, body })
    const delivery = JSON.stringify({ headers, body, secret: SECRET, at: unixSeconds * 1000 })
    daemon.sms.messages.length = 0
    await daemon.api.post('/auth/otp/send', { number: NUMBER })
    const code = await daemon.sms.codeFor(NUMBER)
    const script = join(ROOT, 'test/sdk/runtime-smoke.mjs')
    const { stdout } = await promisify(execFile)(
      file,
      [...args, script, daemon.url, ISSUER, NUMBER, code, delivery],
      { cwd: ROOT, timeout: 30_000 },
    )
    expect(stdout).toBe('ok\n')
  },
)
