import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@authctl/sdk'
import { decodeJwt } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { browserMissing, launchBrowser } from '../support/browser.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

const PREFIX = '/auth'
const PUBLIC_URL = `https://id.example.test${PREFIX}`

/** A proxy that takes the prefix off, and has nothing else. */
const startProxy = async ({ url: target }: TestDaemon): Promise<string> => {
  const proxy = createServer((incoming, outgoing) => {
    const path = incoming.url ?? ''
    if (!path.startsWith(`${PREFIX}/`)) return void outgoing.writeHead(502).end()
    const options = { method: incoming.method, headers: incoming.headers, path: path.slice(PREFIX.length) }
    const passed = request(target, options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${PREFIX}`
}

let daemon: TestDaemon
useFamily({ PUBLIC_URL }, (home) => ({ daemon } = home))

test('OPS-D4: below a path every link, the issuer and the document keep the prefix', async () => {
  const { body: info } = await daemon.api.get('/')
  expect(info).toMatchObject({
    links: {
      openapi: `${PUBLIC_URL}/openapi.json`,
      docs: `${PUBLIC_URL}/docs`,
      redoc: `${PUBLIC_URL}/redoc`,
      jwks: `${PUBLIC_URL}/.well-known/jwks.json`,
    },
  })
  expect((await daemon.api.get('/openapi.json')).body).toMatchObject({ servers: [{ url: PUBLIC_URL }] })
})

test('OPS-D4: the SDK signs in below a path', async () => {
  const client = createClient({ baseUrl: await startProxy(daemon) })
  await client.superadmins.login({ username: 'root', password: PASSWORD })
  const { accessToken = '' } = (await client.session.get()) ?? {}
  expect(decodeJwt(accessToken).iss).toBe(PUBLIC_URL)
})

test.each(['/docs', '/docs/', '/redoc', '/redoc/'])(
  'OPS-D4: %s below a path finds all it loads',
  async (path) => {
    const url = await startProxy(daemon)
    const text = await (await fetch(url + path)).text()
    const assets = [...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(
      ([, asset = '']) => new URL(asset, url + path),
    )
    expect(assets.length).toBeGreaterThan(2)
    for (const asset of assets)
      expect({ asset, status: (await fetch(asset)).status }).toEqual({ asset, status: 200 })
  },
)

test.runIf(browserMissing() === undefined)('OPS-D4: both pages work below a path in a browser', async () => {
  const url = await startProxy(daemon)
  const browser = await launchBrowser()
  onTestFinished(() => browser.close())
  const page = await browser.newPage()
  const failed: string[] = []
  page.on('response', (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`)
  })
  for (const path of ['/docs', '/redoc/']) {
    await page.goto(url + path)
    await page.waitForSelector('.opblock, .api-content')
  }
  expect(failed).toEqual([])
})
