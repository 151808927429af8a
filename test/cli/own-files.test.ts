import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { afterEach, beforeEach, expect, test } from 'vitest'
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
