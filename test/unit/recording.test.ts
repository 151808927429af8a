import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createRecording } from '../../daemon/adapters/files/recording.ts'

const directory = mkdtempSync(join(tmpdir(), 'authctl-recording-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const warnings: object[] = []
const nothing = () => undefined
const log = {
  debug: nothing,
  info: nothing,
  warn: (fields: object) => void warnings.push(fields),
  error: nothing,
}

const recording = (
  name: string,
  more: { percent?: number; maxBytes?: number; random?: () => number } = {},
) => {
  const path = join(directory, name)
  return { path, recorder: createRecording({ path, percent: 100, maxBytes: 1_000_000, log, ...more }) }
}

test('J4: lines are appended to a file that nobody else reads, also to one that was open to others', async () => {
  const { path, recorder } = recording('private.jsonl')
  writeFileSync(path, 'before\n', { mode: 0o644 })
  recorder.write('one')
  recorder.write('two')
  await recorder.close()
  expect(readFileSync(path, 'utf8')).toBe('before\none\ntwo\n')
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a full file takes the place of the one before, and both stay within the bound', async () => {
  const maxBytes = 2000
  const path = join(directory, 'full.jsonl')
  for (let round = 0; round < 30; round++) {
    const { recorder } = recording('full.jsonl', { maxBytes })
    for (let i = 0; i < 5; i++) recorder.write(`round ${round} line ${i} ${'x'.repeat(30)}`)
    await recorder.close()
    const sizes = [path, `${path}.1`].map((file) => (existsSync(file) ? statSync(file).size : 0))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxBytes / 2)
  }
  const all = `${readFileSync(`${path}.1`, 'utf8')}${readFileSync(path, 'utf8')}`.trimEnd().split('\n')
  expect(all.at(-1)).toContain('round 29 line 4')
  expect(all.length).toBeGreaterThan(10)
  expect(statSync(`${path}.1`).mode & 0o777).toBe(0o600)
})

test('as many are wanted as the share says', () => {
  let drawn = 0
  const { recorder } = recording('sample.jsonl', { percent: 12.5, random: () => (drawn++ % 1000) / 1000 })
  const wanted = Array.from({ length: 1000 }, () => recorder.isWanted()).filter(Boolean)
  expect(wanted).toHaveLength(125)
})

test('J4: a link in its place is not followed; what cannot be written is told of once and is lost', async () => {
  warnings.length = 0
  const target = join(directory, 'target')
  writeFileSync(target, '')
  symlinkSync(target, join(directory, 'link.jsonl'))
  const { recorder } = recording('link.jsonl')
  recorder.write('one')
  await recorder.close()
  expect(readFileSync(target, 'utf8')).toBe('')
  expect(warnings).toMatchObject([{ cause: 'ELOOP' }])
})

test('what comes faster than it can be written is lost, and not kept in memory', async () => {
  warnings.length = 0
  const { path, recorder } = recording('burst.jsonl', { maxBytes: 100_000_000 })
  const line = 'x'.repeat(1023)
  for (let i = 0; i < 10_000; i++) recorder.write(line)
  await recorder.close()
  expect(statSync(path).size).toBeLessThanOrEqual(4 * 1024 * 1024)
  expect(warnings).toMatchObject([{ cause: 'more is decided than can be written' }])
})
