import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { postForm } from '../support/api.ts'
import { browserMissing, launchBrowser } from '../support/browser.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { ROOT } from '../support/source-files.ts'

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const ADMIN_NUMBER = '+919876500001'

let daemon: TestDaemon
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon } = home))

/** A device that asks, and how it asks for its tokens. */
const startDevice = async () => {
  const { body } = await postForm(daemon.api, '/oauth/device_authorization', { client_id: 'authctl-cli' })
  const codes = body as unknown as { device_code: string; user_code: string }
  return {
    code: codes.user_code,
    ask: async () => {
      const { device_code } = codes
      const asked = { grant_type: GRANT, client_id: 'authctl-cli', device_code }
      const answer = await postForm(daemon.api, '/oauth/token', asked)
      return answer.status === 200 ? 'signed in' : String(answer.body['error'])
    },
  }
}

describe('the page that lets devices in', () => {
  const missing = browserMissing()
  if (missing !== undefined) {
    test('needs a browser', (context) => context.skip(missing))
    return
  }

  let browser: Browser
  let context: BrowserContext
  beforeAll(async () => {
    browser = await launchBrowser()
    // The page has no script of its own, and must need none.
    context = await browser.newContext({ javaScriptEnabled: false })
  }, 60_000)
  afterAll(() => browser?.close())

  /** Opens the page and keeps what must not happen. */
  const open = async (path = '/device'): Promise<{ page: Page; problems: string[] }> => {
    const page = await context.newPage()
    const problems: string[] = []
    page.on('console', (message) => problems.push(message.text()))
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url())
      if (protocol !== 'data:' && origin !== daemon.url) problems.push(`left the origin: ${request.url()}`)
    })
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`)
    })
    await page.goto(daemon.url + path)
    onTestFinished(() => page.close())
    return { page, problems }
  }

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).textContent()

  const keepScreenshots = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS']
    if (folder === undefined) return
    for (const [kind, width, height] of [
      ['desktop', 1280, 900],
      ['phone', 375, 812],
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.screenshot({ path: `${folder}/device-${name}-${kind}.png`, fullPage: true })
    }
  }

  test('CLI-C15: the command line signs in without a password in the terminal, by the page', async () => {
    const home = mkdtempSync(join(tmpdir(), 'authctl-device-'))
    const cli = spawn(process.execPath, [join(ROOT, 'dist/cli/bin.js'), 'login', '--device', '--json'], {
      env: { PATH: process.env['PATH'], HOME: home, AUTHCTL_CONFIG_DIR: home, AUTHCTL_SERVER: daemon.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    onTestFinished(() => {
      cli.kill()
      rmSync(home, { recursive: true, force: true })
    })
    let told = ''
    let printed = ''
    cli.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()))
    cli.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()))
    const ended = new Promise<number | null>((resolve) => cli.once('exit', resolve))
    await expect.poll(() => told, { timeout: 20_000 }).toMatch(/Waiting/)
    const [, code = ''] = /type the code\s+([A-Z]{4}-[A-Z]{4})/.exec(told) ?? []
    expect(told).toContain(`${daemon.url}/device`)

    const { page, problems } = await open()
    await keepScreenshots(page, 'enter')
    // As people type: small letters, and a space for the dash.
    await page.getByLabel('Code').fill(code.toLowerCase().replace('-', ' '))
    await press(page, 'Continue')
    expect(await heading(page)).toBe('Let this device in?')
    const text = (await page.textContent('main')) ?? ''
    for (const shown of [code, 'the authctl command line', '127.0.0.1', 'just now'])
      expect(text).toContain(shown)
    await page.getByLabel('Username').fill('root')
    await page.getByLabel('Password').fill('not this one at all')
    await keepScreenshots(page, 'review')
    await press(page, 'Sign in and let it in')
    expect(await page.getByRole('alert').textContent()).toMatch(/not right/)
    expect(await page.getByLabel('Username').inputValue()).toBe('root')
    expect(await page.getByLabel('Password').inputValue()).toBe('')
    await keepScreenshots(page, 'wrong')
    await page.getByLabel('Password').fill(PASSWORD)
    await press(page, 'Sign in and let it in')
    expect(await heading(page)).toBe('The device is let in')
    await keepScreenshots(page, 'done')
    expect(problems).toEqual([])

    expect(await ended, told).toBe(0)
    expect(JSON.parse(printed)).toMatchObject({ role: 'super-admin', server: daemon.url })
    const kept = readFileSync(join(home, 'credentials.json'), 'utf8')
    expect(kept).toContain('authctl_rt_')
    expect(told + printed).not.toMatch(/authctl_rt_|authctl_dc_|eyJ/)
    const sessions = daemon.log.events('logout')
    // What somebody signs in with there ends at once: the device has the one session.
    expect(sessions).toHaveLength(1)
  }, 60_000)

  test('a phone and a code let a device in as well, by the link that has the code in it', async () => {
    const { code, ask } = await startDevice()
    const { page, problems } = await open(`/device?user_code=${code}`)
    await press(page, 'Use a phone number instead')
    await page.getByLabel('Phone number').fill(ADMIN_NUMBER)
    await keepScreenshots(page, 'phone')
    await press(page, 'Send me a code')
    await page.getByLabel('Code from the SMS').fill(await daemon.sms.codeFor(ADMIN_NUMBER))
    await keepScreenshots(page, 'sent')
    await press(page, 'Sign in and let it in')
    expect(await heading(page)).toBe('The device is let in')
    expect(problems).toEqual([])
    expect(await ask()).toBe('signed in')
    expect(await ask()).toBe('invalid_grant')
  })

  test('who may not let devices in is told so, and anybody can deny', async () => {
    const { code, ask } = await startDevice()
    const { page } = await open(`/device?user_code=${code}`)
    await page.getByLabel('Sign in as').selectOption('client')
    await page.getByLabel('Username').fill('chetan')
    await page.getByLabel('Password').fill(PASSWORD)
    await press(page, 'Sign in and let it in')
    expect(await page.getByRole('alert').textContent()).toMatch(/may not let devices in/)
    expect(await ask()).toBe('authorization_pending')
    await press(page, 'Deny')
    expect(await heading(page)).toBe('The device is not let in')
    await keepScreenshots(page, 'denied')
    expect(await ask()).toBe('access_denied')
    const again = await open(`/device?user_code=${code}`)
    expect(await again.page.getByRole('alert').textContent()).toMatch(/No device waits/)
    await keepScreenshots(again.page, 'unknown')
  })

  test('a form on another site does nothing', async () => {
    const { code, ask } = await startDevice()
    const page = await context.newPage()
    onTestFinished(() => page.close())
    await page.route('http://elsewhere.test/', (route) =>
      route.fulfill({
        contentType: 'text/html',
        body: `<form method="post" action="${daemon.url}/device"><input name="user_code" value="${code}"><button name="step" value="deny">Win</button></form>`,
      }),
    )
    await page.goto('http://elsewhere.test/')
    await press(page, 'Win')
    expect(await page.textContent('body')).toContain('forbidden')
    expect(await ask()).toBe('authorization_pending')
  })
})

test('the page admits no script, no frame and no other origin, and repeats nothing as markup', async () => {
  const { headers, text } = await daemon.api.get(`/device?user_code=${encodeURIComponent('<b>"\'&x')}`)
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  })
  const policy = String(headers['content-security-policy'])
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; /)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/script-src|unsafe|https?:|\*/)
  expect(text).not.toContain('<b>')
  expect(text).toContain('value="&lt;b&gt;&quot;&#39;&amp;x"')
  expect((await daemon.api.get('/device/other')).status).toBe(404)
})
