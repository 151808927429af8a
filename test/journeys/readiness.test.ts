import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startDaemon } from '../support/running-daemon.ts'

const mayMount = process.platform === 'linux' && process.getuid?.() === 0

test.runIf(mayMount)(
  'OPS-D1: /readyz notices a full disk, and that it has room again; /healthz does not',
  async () => {
    const disk = mkdtempSync(join(tmpdir(), 'authctl-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk])
    const daemon = await startDaemon({ AUTHCTL_DATA_DIR: join(disk, 'data') })
    onTestFinished(async () => {
      await daemon.stop()
      execFileSync('umount', [disk])
      rmSync(disk, { recursive: true })
    })
    const ready = async () => {
      const response = await fetch(`${daemon.url}/readyz`)
      const { checks } = (await response.json()) as { checks: object }
      return { status: response.status, checks }
    }
    expect(await ready()).toMatchObject({ status: 200, checks: { store: 'ok' } })
    const filler = join(disk, 'filler')
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(filler, Buffer.alloc(bavail * bsize - 1024 * 1024))
    expect(await ready()).toMatchObject({ status: 503, checks: { store: 'failed', accepting: 'ok' } })
    expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200)
    rmSync(filler)
    expect(await ready()).toMatchObject({ status: 200, checks: { store: 'ok' } })
  },
)
