import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApi } from '../support/api.ts'
import { startDaemon } from '../support/running-daemon.ts'

const MOST_FILES = 192

/** Written when the process ends: what Node loaded of its own, and every file beside. */
interface Loaded {
  readonly builtins: readonly string[]
  readonly files: readonly string[]
}

/** Runs in the daemon's process before anything else of it. */
const RECORDER = `
  import { registerHooks } from 'node:module'
  import { writeFileSync } from 'node:fs'
  const files = []
  registerHooks({ load: (url, context, next) => (files.push(url), next(url, context)) })
  process.on('exit', () =>
    writeFileSync(process.env.RECORD, JSON.stringify({ files, builtins: process.moduleLoadList })))`

const packageOf = (url: string): string | undefined => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1]

let directory: string
let loaded: Loaded
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'authctl-loaded-'))
  const record = join(directory, 'loaded.json')
  const daemon = await startDaemon(
    { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(RECORDER)}`, RECORD: record },
    { entry: 'command' },
  )
  const api = createApi(daemon.url)
  expect(await api.post('/auth/otp/send', { number: '+919876543210' })).toMatchObject({ status: 200 })
  expect(await api.get('/no/route')).toMatchObject({ status: 404 })
  await daemon.stop()
  loaded = JSON.parse(readFileSync(record, 'utf8')) as Loaded
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('a daemon that serves loads nothing that its configuration does not need', () => {
  const packages = [...new Set(loaded.files.flatMap((url) => packageOf(url) ?? []))].toSorted()
  expect(packages).toEqual(['jose', 'libphonenumber-js', 'node-cron'])
})

test('nor validators of other routes than those that were asked for', () => {
  const names = loaded.files.flatMap(
    (url) => /\/dist\/validators\/([a-zA-Z.]+)(?:-\w+)?\.js$/.exec(url)?.[1] ?? [],
  )
  expect(names.filter((name) => name !== 'chunk').toSorted()).toEqual(['index', 'otp.send', 'system.ready'])
})

test('nor the clients that Node has beside', () => {
  expect(loaded.builtins.filter((name) => /undici|internal\/test/.test(name))).toEqual([])
})

test('and no more files than that: each costs time at every start, and memory for ever', () => {
  expect(loaded.files.length).toBeGreaterThan(100)
  expect(loaded.files.length).toBeLessThanOrEqual(MOST_FILES)
})
