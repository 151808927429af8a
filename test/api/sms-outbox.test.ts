import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createOutbox } from '../../daemon/adapters/sms/outbox.ts'
import type { Phone } from '../../daemon/domain/account.ts'

let directory: string
let file: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'authctl-outbox-'))
  file = join(directory, 'outbox.jsonl')
})
afterEach(() => rmSync(directory, { recursive: true }))

const message = (index: number) => ({
  id: `delivery-${index}`,
  applicationId: 'authctl',
  phone: '+919876543210' as Phone,
  code: String(100_000 + index),
  purpose: 'sign-in' as const,
  expiresAt: 1_800_000_000_000,
})

test.each([
  ['a new file under umask 0', undefined],
  ['a file that was open to others', 0o644],
])('the outbox is closed to other users: %s', async (_name, mode) => {
  const umask = process.umask(0)
  if (mode !== undefined) writeFileSync(file, '', { mode })
  const outbox = createOutbox({ directory })
  await outbox.send(message(1))
  await outbox.close?.()
  process.umask(umask)
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test('daemons that append to one outbox at the same time write whole lines', async () => {
  const outboxes = [createOutbox({ directory }), createOutbox({ directory }), createOutbox({ directory })]
  await Promise.all(
    outboxes.flatMap((outbox, index) =>
      Array.from({ length: 200 }, (_, n) => outbox.send(message(index * 200 + n))),
    ),
  )
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const codes = lines.map((line) => (JSON.parse(line) as { code: string }).code)
  expect(new Set(codes).size).toBe(600)
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    at: expect.any(String),
    number: '+919876543210',
    code: expect.any(String),
    purpose: 'sign-in',
    expires_at: new Date(1_800_000_000_000).toISOString(),
  })
  for (const outbox of outboxes) await outbox.close?.()
})

test('a rush of codes is never torn: no write ends inside a line', async () => {
  const outboxes = [createOutbox({ directory }), createOutbox({ directory })]
  const rush = (outbox: ReturnType<typeof createOutbox>) =>
    Promise.all(Array.from({ length: 8000 }, (_, n) => outbox.send(message(n))))
  await Promise.all(outboxes.map(rush))
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines).toHaveLength(16_000)
  for (const line of lines) expect(line).toMatch(/^\{"at":.*\}$/)
  for (const outbox of outboxes) await outbox.close?.()
})

test('an outbox that cannot be written is unavailable, and works again when it can', async () => {
  const outbox = createOutbox({ directory: join(directory, 'missing') })
  expect(await outbox.send(message(1))).toMatchObject({
    kind: 'unavailable',
    detail: expect.stringContaining('ENOENT'),
  })
  mkdirSync(join(directory, 'missing'))
  expect((await outbox.send(message(2))).kind).toBe('sent')
  await outbox.close?.()
})

test.each([
  ['shop', /\n\n@shop\.example\.com #100001$/],
  ['another', /\n\n@app\.example\.com #100001$/],
  ['__proto__', /\n\n@app\.example\.com #100001$/],
])(
  'the message of %s ends in the line by which browsers hand its code to its page',
  async (application, end) => {
    const hosts = { shop: 'shop.example.com', '*': 'app.example.com' }
    const outbox = createOutbox({ directory, hosts })
    await outbox.send({ ...message(1), applicationId: application })
    await outbox.close?.()
    expect((JSON.parse(readFileSync(file, 'utf8')) as { text: string }).text).toMatch(end)
  },
)
