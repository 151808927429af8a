import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startDaemon } from '../support/running-daemon.ts'

const FORCED_EXIT_MS = 1000

const startForTest = async (settings: Record<string, string>) => {
  const daemon = await startDaemon(settings)
  onTestFinished(async () => {
    daemon.kill('SIGKILL')
    await daemon.stop()
  })
  return daemon
}

const configFile = (): { path: string; write: (settings: object) => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'authctl-signals-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'authctl.json')
  return { path, write: (settings) => writeFileSync(path, JSON.stringify(settings)) }
}

test('K3: SIGHUP takes the log level, names what needs a restart, and ends nothing', async () => {
  const file = configFile()
  file.write({ AUTHCTL_LOG_LEVEL: 'error' })
  const daemon = await startForTest({ AUTHCTL_CONFIG: file.path })
  await fetch(`${daemon.url}/healthz`)
  expect(daemon.output()).not.toContain('/healthz')
  const secret = 'k'.repeat(40)
  file.write({ AUTHCTL_LOG_LEVEL: 'info', AUTHCTL_OTP_TTL: 120, JWT_SECRET: secret })
  daemon.kill('SIGHUP')
  await expect.poll(daemon.output).toContain('configuration reloaded')
  expect(daemon.output()).toContain('"needRestart":["JWT_SECRET","AUTHCTL_OTP_TTL"]')
  expect(daemon.output()).not.toContain(secret)
  await fetch(`${daemon.url}/auth/me`)
  await expect.poll(daemon.output).toContain('/auth/me')
  expect(await daemon.stop()).toBe(0)
})

test('K3: SIGHUP with a configuration that has problems changes nothing and tells them', async () => {
  const file = configFile()
  file.write({})
  const daemon = await startForTest({ AUTHCTL_CONFIG: file.path })
  file.write({ AUTHCTL_LOG_LEVEL: 'loud' })
  daemon.kill('SIGHUP')
  await expect.poll(daemon.output).toContain('AUTHCTL_LOG_LEVEL (file) must be one of')
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(200)
})

test('K3: SIGINT drains, a second one ends it at once', async () => {
  const daemon = await startForTest({ AUTHCTL_DRAIN_DELAY: '20000' })
  daemon.kill('SIGINT')
  await expect.poll(async () => (await fetch(`${daemon.url}/readyz`)).status).toBe(503)
  const signalledAt = performance.now()
  daemon.kill('SIGINT')
  expect(await daemon.exited).toBe(1)
  expect(performance.now() - signalledAt).toBeLessThanOrEqual(FORCED_EXIT_MS)
})

test('K3: SIGUSR1 opens no inspector, SIGUSR2 ends nothing, and SIGQUIT drains', async () => {
  const daemon = await startForTest({})
  daemon.kill('SIGUSR1')
  daemon.kill('SIGUSR2')
  await sleep(500)
  expect(daemon.output()).not.toContain('Debugger')
  expect((await fetch(`${daemon.url}/readyz`)).status).toBe(200)
  daemon.kill('SIGQUIT')
  expect(await daemon.exited).toBe(0)
})

test.each([
  ['error', 1],
  ['silent', 0],
])('J1: at the log level %s a refused sign-in leaves %i line', async (level, lines) => {
  const daemon = await startForTest({ AUTHCTL_LOG_LEVEL: level })
  const { status } = await fetch(`${daemon.url}/auth/admin/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'nobody', password: 'wrong password!' }),
  })
  expect(status).toBe(401)
  expect(await daemon.stop()).toBe(0)
  expect(daemon.output().match(/"audit":true,"event":"sign-in","outcome":"failure"/g) ?? []).toHaveLength(
    lines,
  )
})
