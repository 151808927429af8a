import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCore } from '../../daemon/core.ts'
import type { Store } from '../../daemon/ports/stores/index.ts'
import { PASSWORD } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { allowing } from '../support/policy-calls.ts'
import { filesOf } from '../support/policy-sets.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

let daemon: TestDaemon
let sandbox: Sandbox
let store: Store
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon } = home))

const run = (...argv: readonly string[]): Promise<Outcome> =>
  sandbox.run({ argv: ['policies', ...argv], env: hostSettings(daemon) })

const writeSet = (resource: string): void => {
  for (const { path, text } of filesOf('fleet', {
    'documents/readers.json': allowing('readers', 'places:List', resource),
  })) {
    mkdirSync(join(sandbox.directory, 'policies', path, '..'), { recursive: true })
    writeFileSync(join(sandbox.directory, 'policies', path), text)
  }
}

beforeAll(async () => {
  ;({ store } = await openCore(daemon.settings))
  sandbox = createSandbox()
  const argv = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'root']
  const stdin = { text: PASSWORD }
  const signedIn = await sandbox.run({
    argv: [...argv, '--password-stdin'],
    env: hostSettings(daemon),
    stdin,
  })
  expect(signedIn).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await store.close()
  sandbox.remove()
})

test('apply --wait ends when every daemon decides by the new revision', async () => {
  writeSet('place/a')
  const { code, stdout, stderr } = await run('apply', 'policies', '--yes', '--wait')
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toMatch(/^Revision \d+ of root is in force/)
  expect(stderr).toMatch(new RegExp(`All daemons decide by it: .+ \\(process ${process.pid}\\)\\.\\n$`))
})

test('it names a daemon that stays behind, and exits with 9: the change is in force', async () => {
  const [present] = await store.daemons.list(daemon.clock.now())
  if (present === undefined) throw new Error('no daemon lives')
  await store.daemons.beat({ ...present, id: 'laggard', host: 'web-7', pid: 7, beat: 1 })
  const { number } = present.heads[0] ?? { number: 0 }
  writeSet('place/b')
  const { code, stdout, stderr } = await run('apply', 'policies', '--yes', '--wait', '--wait-timeout', '1')
  expect(code).toBe(9)
  expect(stdout).toMatch(new RegExp(`^Revision ${number + 1} of root is in force`))
  expect(stderr).toContain(`Waiting for 1 of 2 daemons: web-7 (process 7) decides by revision ${number}`)
  expect(stderr).toContain(
    `revision ${number + 1} is in force, but after 1 s 1 of 2 daemons decides by an older one: web-7 (process 7) by revision ${number}`,
  )
  const scripted = await run('apply', 'policies', '--yes', '--wait', '--wait-timeout', '1', '--json')
  expect(scripted.code).toBe(9)
  expect(JSON.parse(scripted.stdout)).toMatchObject({ applied: false, waited: { behind: ['laggard'] } })
})

test('what is applied with --shadow decides nothing, is told by status, and is promoted or dropped', async () => {
  writeSet('place/c')
  const placed = await run('apply', 'policies', '--yes', '--shadow')
  expect(placed).toMatchObject({ code: 0, stdout: '' })
  expect(placed.stderr).toMatch(/Revision \d+ stands in the shadow: nothing has changed\./)
  const status = await run('status', 'policies')
  expect(status.stderr).toMatch(
    /In the shadow: revision \d+; 0 of \d+ live requests would be answered otherwise\./,
  )
  expect(await run('promote')).toMatchObject({ code: 7, stdout: '' })
  const promoted = await run('promote', '--yes')
  expect(promoted).toMatchObject({ code: 0 })
  expect(promoted.stdout).toMatch(/^Revision \d+ of root is in force/)
  expect((await run('promote', '--yes')).stderr).toContain('Nothing stands in the shadow of root')
  expect(await run('promote', '--drop')).toMatchObject({ code: 0, stdout: '' })
})

test('status names the daemons, and --daemons lists them without a folder', async () => {
  const status = await run('status', 'policies')
  expect(status).toMatchObject({ code: 0, stdout: '' })
  expect(status.stderr).toMatch(
    /1 of 2 daemons decide by revision \d+\.\nBehind: web-7 \(process 7\), which decides by revision \d+\.\n/,
  )
  const listed = await run('status', '--daemons')
  expect(listed.stdout).toMatch(/web-7\s+7\s+\S+\s+\d+\s+behind/)
  daemon.clock.advance(60_000)
  await expect.poll(async () => (await run('status', '--daemons')).stdout).not.toContain('web-7')
})
