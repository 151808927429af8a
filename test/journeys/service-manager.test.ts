import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startDaemon } from '../support/running-daemon.ts'
import { readSource } from '../support/source-files.ts'

const hasTool = (name: string): boolean => spawnSync(name, ['--version']).status === 0
const inCi = process.env['CI'] === 'true'

const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'authctl-systemd-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Node has no datagram sockets of a path: what arrives at this one is written to a file. */
const LISTENER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
open(sys.argv[2], 'w').close()
while True:
    with open(sys.argv[2], 'a') as f: f.write(s.recv(4096).decode() + '\\n')
`

const listen = async (folder: string) => {
  const [socket, received] = [join(folder, 'notify'), join(folder, 'received')]
  const listener = spawn('python3', ['-c', LISTENER, socket, received], { stdio: 'inherit' })
  onTestFinished(() => void listener.kill('SIGKILL'))
  await expect.poll(() => existsSync(received)).toBe(true)
  return { socket, received: () => readFileSync(received, 'utf8').split('\n') }
}

test.runIf(inCi || hasTool('systemd-notify'))(
  'OPS-D16: systemd hears when the daemon is ready, that it lives, and that it stops',
  async () => {
    const { socket, received } = await listen(temporaryFolder())
    const daemon = await startDaemon({ NOTIFY_SOCKET: socket, WATCHDOG_USEC: '500000' })
    await expect.poll(received).toContain('READY=1')
    await expect.poll(() => received().filter((line) => line === 'WATCHDOG=1').length).toBeGreaterThan(1)
    expect(received()).not.toContain('STOPPING=1')
    expect(await daemon.stop()).toBe(0)
    await expect.poll(received).toContain('STOPPING=1')
  },
)

/** The unit with a command that exists here: systemd looks for the file. */
const installedUnit = (): string => {
  const unit = join(temporaryFolder(), 'authctl.service')
  writeFileSync(
    unit,
    readSource('examples/systemd/authctl.service').replace('/usr/bin/authctl', process.execPath),
  )
  return unit
}

test.runIf(inCi || hasTool('systemd-analyze'))(
  'OPS-D16: the unit is one, and its sandbox leaves little open',
  () => {
    const unit = installedUnit()
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' })
    expect({ code: verified.status, said: verified.stderr }).toEqual({ code: 0, said: '' })
    const security = ['security', '--offline=true', '--threshold=20', '--no-pager', unit]
    expect(() => execFileSync('systemd-analyze', security, { stdio: 'pipe' })).not.toThrow()
  },
)
