import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeError } from '../../cli/errors/report.ts'
import { writeNewFile } from '../../cli/host/own-files.ts'
import { keepSession } from '../../cli/connection/credentials.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
let umask: number
beforeEach(() => {
  sandbox = createSandbox()
  umask = process.umask()
  process.env['AUTHCTL_CONFIG_DIR'] = sandbox.configDirectory
})
afterEach(() => {
  process.umask(umask)
  delete process.env['AUTHCTL_CONFIG_DIR']
  sandbox.remove()
})

const modeOf = (path: string): string => (lstatSync(path).mode & 0o7777).toString(8)
const init = async (folder: string) => await sandbox.run({ argv: ['init', folder] })
const session = { role: 'admin', account_id: 'adm_1', login: 'asha', signed_in_at: '', session: null }

test('J4: init writes no secret into a folder that everybody can write', async () => {
  chmodSync(sandbox.directory, 0o777)
  const { code, stderr } = await init(sandbox.directory)
  expect(code).toBe(1)
  expect(stderr).toContain(`chmod o-w ${sandbox.directory}`)
  expect(existsSync(join(sandbox.directory, '.env'))).toBe(false)
})

// Only root can give a folder away.
test.runIf(getuid?.() === 0)('J4: a folder of another user gets no secret and no session', async () => {
  chownSync(sandbox.directory, 65534, 65534)
  expect(await init(sandbox.directory)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('another user'),
  })
  mkdirSync(sandbox.configDirectory)
  chownSync(sandbox.configDirectory, 65534, 65534)
  expect(() => keepSession({ url: 'http://x' }, session)).toThrow('belongs to another user')
})

test('J4: credentials are private and can be read again under any umask', () => {
  for (const mask of [0, 0o777]) {
    process.umask(mask)
    keepSession({ url: 'http://x' }, session)
    process.umask(umask)
    expect(modeOf(sandbox.configDirectory)).toBe('700')
    expect(modeOf(join(sandbox.configDirectory, 'credentials.json'))).toBe('600')
  }
})

test('J4: a folder that was there keeps its mode, and one that everybody can write gets no session', () => {
  mkdirSync(sandbox.configDirectory)
  for (const mode of [0o755, 0o750, 0o1777]) {
    chmodSync(sandbox.configDirectory, mode)
    keepSession({ url: 'http://x' }, session)
    expect(modeOf(sandbox.configDirectory)).toBe(mode.toString(8))
    expect(modeOf(join(sandbox.configDirectory, 'credentials.json'))).toBe('600')
  }
  chmodSync(sandbox.configDirectory, 0o777)
  expect(() => keepSession({ url: 'http://y' }, session)).toThrow('can be written by everybody')
})

test('CLI-C5: what is in the place of a copy is a conflict', async () => {
  const file = join(sandbox.directory, 'copy.db')
  const data = join(sandbox.directory, 'data')
  mkdirSync(data, { mode: 0o700 })
  new DatabaseSync(join(data, 'authctl.db')).close()
  writeFileSync(file, 'mine')
  const { code, stderr } = await sandbox.run({ argv: ['backup', file], env: { AUTHCTL_DATA_DIR: data } })
  expect({ code, stderr }).toEqual({
    code: 5,
    stderr: `Error: ${file} exists: name another file, or pass --force\nNothing was changed.\n`,
  })
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

test('CLI-C5: a file that came meanwhile in the place of a new one is a conflict', () => {
  const file = join(sandbox.directory, 'taken')
  writeFileSync(file, 'mine')
  let thrown: unknown
  try {
    writeNewFile(file, 'ours', 0o600)
  } catch (error) {
    thrown = error
  }
  expect(describeError(thrown)).toMatchObject({ exit: 'conflict', message: `${file}: it exists already` })
})
