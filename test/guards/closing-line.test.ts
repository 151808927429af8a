import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'authctl-closing-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/**
 * Runs vitest on files, or on one with this text, and returns its exit code and the last lines of its output.
 */
const runVitest = (sources: string | Readonly<Record<string, string>>, lines: number) => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const files = typeof sources === 'string' ? { 'sample.test.js': sources } : sources
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source)
  const reporter = join(ROOT, 'test/support/closing-line.ts')
  const args = [
    'run',
    '--root',
    folder,
    '--globals',
    '--no-isolate',
    '--reporter',
    'default',
    '--reporter',
    reporter,
  ]
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/vitest'), args, { encoding: 'utf8' })
  return { status, end: stdout.trimEnd().split('\n').slice(-lines) }
}

test('a run ends with its skipped suites and its failures, their reasons, and the counts', () => {
  const { status, end } = runVitest(
    `test('a', () => {})
     test('b', () => { throw new Error('no\\nmore of it') })
     describe('stores on mongodb', () => { test('c', (context) => context.skip('no mongod found')) })`,
    3,
  )
  expect(status).toBe(1)
  expect(end).toEqual([
    'skipped: sample.test.js > stores on mongodb (1): no mongod found',
    'failed: sample.test.js > b: no',
    '1 passed, 1 failed, 1 skipped',
  ])
})

test('a run names its ten slowest files with their seconds, the slowest first, before the counts', () => {
  const quick = Array.from({ length: 11 }, (_, n) => [`quick-${n}.test.js`, `test('a', () => {})`] as const)
  const slow = `test('a', () => new Promise((resolve) => setTimeout(resolve, 1500)))`
  const { status, end } = runVitest({ ...Object.fromEntries(quick), 'slow.test.js': slow }, 11)
  expect(status).toBe(0)
  const lines = end.slice(0, 10).map((line) => /^slow: (\d+\.\d) s: (.+\.test\.js)$/.exec(line))
  const seconds = lines.map((line) => Number(line?.[1]))
  expect(seconds).not.toContain(NaN)
  expect(seconds).toEqual(seconds.toSorted((a, b) => b - a))
  expect(Number(lines.find((line) => line?.[2] === 'slow.test.js')?.[1])).toBeGreaterThanOrEqual(1.5)
  expect(end.at(-1)).toBe('12 passed, 0 failed')
})

test('a file that cannot be loaded and a failing hook count as failures', () => {
  expect(runVitest(`throw new Error('no')`, 2)).toEqual({
    status: 1,
    end: ['failed: sample.test.js: no', '0 passed, 1 failed'],
  })
  const hook = `describe('s', () => { beforeAll(() => { throw new Error('no') }); test('a', () => {}) })`
  const { status, end } = runVitest(hook, 1)
  expect(status).toBe(1)
  expect(end[0]).toMatch(/^0 passed, 1 failed/)
})

test('a run without failures says so', () => {
  expect(runVitest(`test('a', () => {})`, 1)).toEqual({ status: 0, end: ['1 passed, 0 failed'] })
})
