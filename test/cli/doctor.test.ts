import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judgeEcho } from '../../cli/doctor/proxies.ts'
import { compareVersions } from '../../cli/doctor/versions.ts'
import { bootstrap, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { INFO, sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

interface Check {
  readonly name: string
  readonly status: string
  readonly detail: string
  readonly fix?: string
}

let daemon: TestDaemon
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = createSandbox()
  daemon = await startTestDaemon({ AUTHCTL_TRUST_PROXY: '1', PUBLIC_URL: 'https://auth.example.com' })
  await bootstrap(daemon.api, daemon.dataDir, 'root')
})
afterAll(async () => {
  await daemon.stop()
  sandbox.remove()
})

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A proxy in front of the daemon that says for whom it asks. */
const startProxy = async (): Promise<{ url: string; stop: () => Promise<void> }> => {
  const proxy = createServer((request, response) => {
    void (async () => {
      const { authorization, 'content-type': type } = request.headers
      const sent = await bodyOf(request)
      const answer = await fetch(daemon.url + (request.url ?? ''), {
        method: request.method ?? 'GET',
        headers: {
          'x-forwarded-for': '203.0.113.7',
          ...(authorization && { authorization }),
          ...(type && { 'content-type': type }),
        },
        ...(sent.length > 0 && { body: new Uint8Array(sent) }),
      })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' })
      response.end(Buffer.from(await answer.arrayBuffer()))
    })()
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    stop: async () => {
      proxy.closeAllConnections()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

const doctor = async (argv: readonly string[], env: Record<string, string> = {}) => {
  const { code, stdout } = await sandbox.run({ argv: ['doctor', ...argv, '--json'], env })
  const { checks } = JSON.parse(stdout) as { checks: Check[] }
  return { code, checks, of: (name: string) => checks.find((each) => each.name === name) }
}

describe('CLI-C26: doctor', () => {
  test('from outside: reachable, TLS, version, clock, keys, the address, and what the proxy says', async () => {
    const proxy = await startProxy()
    const before = await doctor(['--server', proxy.url])
    expect(before.of('proxies')).toMatchObject({
      status: 'warn',
      detail: 'not looked at: only a signed-in super-admin may ask for the echo',
    })
    await sandbox.run({
      argv: ['login', '--server', proxy.url, '--username', 'root', '--password-stdin'],
      stdin: { text: PASSWORD },
    })
    const { code, checks, of } = await doctor(['--server', proxy.url])
    expect(code).toBe(0)
    expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'server ok',
      'tls ok',
      'version ok',
      'ready ok',
      'clock ok',
      'public-url-seen ok',
      'jwks ok',
      'proxies ok',
      'credentials ok',
    ])
    expect(of('proxies')?.detail).toBe('behind 1 proxy the daemon sees you as 203.0.113.7')
    expect(of('public-url-seen')?.detail).toContain('calls itself https://auth.example.com')
    await proxy.stop()
  })

  test('on the host: the store, its files and keys, and whether .env is closed; each line has its remedy', async () => {
    const env = { ...hostSettings(daemon), PORT: '2' }
    writeFileSync(join(sandbox.directory, '.env'), '')
    chmodSync(join(sandbox.directory, '.env'), 0o644)
    const secret = join(daemon.dataDir, 'left-open')
    writeFileSync(secret, 'x')
    chmodSync(secret, 0o640)
    const { code, checks, of } = await doctor(['--host'], env)
    expect(code).toBe(1)
    expect(of('files')).toMatchObject({ status: 'fail', fix: `chmod go= ${secret}` })
    expect(of('dot-env')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('can be read by others') as string,
    })
    expect(of('signing-keys')).toMatchObject({
      status: 'ok',
      detail: expect.stringMatching(/has signed for 0 days/) as string,
    })
    expect(of('store')?.detail).toContain('its schema is up to date')
    expect(of('server')).toMatchObject({ status: 'warn' })
    for (const { status, fix } of checks) expect(status === 'ok' || (fix ?? '').length > 3).toBe(true)
  })

  const echo = {
    ip: '10.0.0.1',
    peer: '10.0.0.1',
    host: 'x',
    forwarded_proto: null,
    forwarded_host: null,
    public_url: 'x',
  }
  test.each([
    ['https without a word of the proxy', 'https://x', {}, 'warn', /does not say for whom it asks/],
    [
      'a proxy that is not trusted',
      'https://x',
      { forwarded_for: ['203.0.113.7'] },
      'warn',
      /is not believed/,
    ],
    [
      'a proxy that says http',
      'https://x',
      { ip: '203.0.113.7', forwarded_for: ['203.0.113.7'], forwarded_proto: 'http' },
      'warn',
      /the proxy says http$/,
    ],
    ['no proxy', 'http://x', {}, 'ok', /no proxy in between/],
  ])('%s is told', (_name, url, fields, status, detail) => {
    const check = judgeEcho({ ...echo, forwarded_for: [], ...fields }, url)
    expect(check).toMatchObject({ status, detail: expect.stringMatching(detail) as string })
  })
})

test('CLI-C29: a server that is older and refuses is named with both versions; one of the same version is not', async () => {
  const server = await startScriptedServer()
  let version = '0.0.9'
  server.react = ({ url }, response) =>
    url === '/'
      ? sendJson(response, 200, { ...INFO, version })
      : sendJson(response, 404, { code: 'not_found', status: 404, detail: 'No such path.' })
  const env = { AUTHCTL_TOKEN: 'x.y.z' }
  const argv = ['keys', 'list', '--server', server.url]
  const old = await sandbox.run({ argv, env })
  expect(old.code).toBe(1)
  expect(old.stderr).toMatch(/The server is authctl 0\.0\.9, older than this command line \(\d+\.\d+\.\d+\)/)
  version = '99.0.0'
  expect((await sandbox.run({ argv, env })).stderr).not.toContain('older')
  await server.stop()
  expect([
    compareVersions('0.10.0', '0.9.9') > 0,
    compareVersions('1.0.0-rc.1', '1.0.0'),
    compareVersions('1.2', '1.2.1') < 0,
  ]).toEqual([true, 0, true])
})
