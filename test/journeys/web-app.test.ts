import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWebApp } from '../../examples/web-app/app.ts'
import { freePort } from '../../scripts/free-port.ts'
import { smsText } from '../../daemon/domain/sms-text.ts'
import { browserMissing, keepScreenshot, launchBrowser, watchPage } from '../support/browser.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const ROUNDS = Number(process.env['TAB_ROUNDS'] ?? 3)
const NUMBER = '+919876543210'
/** Longer than an access token lives. */
const EXPIRY_MS = 16 * 60_000

describe('the page of examples/web-app', () => {
  const missing = browserMissing()
  if (missing !== undefined) {
    test('needs a browser', (context) => context.skip(missing))
    return
  }

  let daemon: TestDaemon
  let server: Server
  let origin: string
  let browser: Browser
  beforeAll(async () => {
    const port = await freePort()
    origin = `http://127.0.0.1:${port}`
    daemon = await startTestDaemon({ AUTHCTL_CORS_ORIGINS: origin, AUTHCTL_RATE_LIMITS: 'off' })
    server = (await createWebApp({ daemonUrl: daemon.url })).listen(port, '127.0.0.1')
    await once(server, 'listening')
    browser = await launchBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    server?.close()
    await daemon?.stop()
  })

  const refreshes = (): number =>
    daemon.log.lines.filter((line) => line['route'] === '/auth/token/refresh' && line['method'] === 'POST')
      .length

  const open = async (context: BrowserContext): Promise<{ page: Page; problems: string[] }> => {
    const page = await context.newPage()
    const problems = await watchPage(page, [origin, daemon.url])
    await page.goto(origin)
    return { page, problems }
  }
  const signIn = async (page: Page): Promise<void> => {
    await page.locator('#number').fill('98765 43210')
    await page.getByRole('button', { name: 'Send the code' }).click()
    await page.locator('#code').waitFor()
    await page.locator('#otp').fill(await daemon.sms.codeFor(NUMBER))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.locator('#account').waitFor()
  }

  test('S17: a person signs in by phone, sees the account, also after a reload, and signs out in every tab', async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
    const { page, problems } = await open(context)
    await page.locator('#phone').waitFor()
    await keepScreenshot(page, 'web-app-phone')
    await page.locator('#number').fill('12')
    await page.getByRole('button', { name: 'Send the code' }).click()
    await expect.poll(() => page.locator('#message.error').textContent()).toMatch(/phone/i)
    await keepScreenshot(page, 'web-app-error')
    expect(problems.splice(0)).toEqual([expect.stringContaining('400')])
    await signIn(page)
    expect(await page.locator('#account-phone').textContent()).toBe('+91 98765 43210')
    await keepScreenshot(page, 'web-app-account')

    const other = await open(context)
    await other.page.locator('#account').waitFor()
    expect(await other.page.locator('#sessions .badge').count()).toBe(1)
    await other.page.getByRole('button', { name: 'Sign out' }).click()
    for (const tab of [page, other.page]) {
      await tab.locator('#phone').waitFor()
      expect(await tab.locator('#message').textContent()).toBe('You are signed out.')
    }
    expect(await page.evaluate('localStorage.length')).toBe(0)
    expect([...problems, ...other.problems]).toEqual([])
    await context.close()
  })

  test('S17: the code of the SMS signs in without typing, and on a phone everything fits', async () => {
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      deviceScaleFactor: 2,
      colorScheme: 'dark',
      hasTouch: true,
    })
    // What the browser of a phone does: it waits for the message, and hands over its code.
    await context.exposeFunction('nextSms', async () => {
      daemon.sms.messages.length = 0
      const code = await daemon.sms.codeFor(NUMBER)
      return smsText({ '*': 'app.example.com' }, { code, applicationId: 'namma-rides' })
    })
    await context.addInitScript(`
      window.OTPCredential = class {}
      navigator.credentials.get = async ({ otp: { transport } }) =>
        ({ code: transport[0] === 'sms' && /\\n@app[.]example[.]com #(\\d+)$/.exec(await nextSms())[1] })`)
    const { page, problems } = await open(context)
    await page.locator('#phone').waitFor()
    await keepScreenshot(page, 'web-app-phone-narrow')
    await page.locator('#number').fill('98765 43210')
    await page.getByRole('button', { name: 'Send the code' }).click()
    await page.locator('#account').waitFor()
    await keepScreenshot(page, 'web-app-account-narrow')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390)
    expect(problems).toEqual([])
    await context.close()
  })

  test(`S9: three tabs whose token has ended make one refresh, and none signs out: ${ROUNDS} rounds`, async () => {
    const context = await browser.newContext()
    const first = await open(context)
    await signIn(first.page)
    const tabs = [first, await open(context), await open(context)]
    const pages = tabs.map(({ page }) => page)
    for (const page of pages) await page.locator('#account').waitFor()
    const loadsOf = (page: Page): Promise<number> => page.evaluate('Number(document.body.dataset.loads)')

    for (let round = 1; round <= ROUNDS; round++) {
      const before = [refreshes(), ...(await Promise.all(pages.map(loadsOf)))]
      daemon.clock.advance(EXPIRY_MS)
      // The browser knows of it in every other round; else the daemon's refusal tells.
      if (round % 2 === 1)
        await first.page.evaluate(`{
          const held = JSON.parse(localStorage.getItem('authctl.session'))
          localStorage.setItem('authctl.session', JSON.stringify({ ...held, expiresAt: 0, refreshAt: 0 }))
        }`)
      await Promise.all(pages.map((page) => page.evaluate(`document.querySelector('#reload').click()`)))
      await Promise.all(
        pages.map((page, index) => expect.poll(() => loadsOf(page)).toBe((before[index + 1] ?? 0) + 1)),
      )
      expect(refreshes() - (before[0] ?? 0), `round ${round}`).toBe(1)
    }
    for (const { page, problems } of tabs) {
      expect(await page.locator('#account').isVisible()).toBe(true)
      expect(await page.locator('#message').textContent()).toBe('')
      expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
    }
    await context.close()
  })

  test('S17: a hidden page refreshes nothing, and catches up when it is shown', async () => {
    const context = await browser.newContext()
    const { page } = await open(context)
    await signIn(page)
    const hide = (hidden: boolean): Promise<unknown> =>
      page.evaluate(`{
        Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }`)
    await page.clock.install()
    await hide(true)
    const before = refreshes()
    await page.clock.runFor(60 * 60_000)
    daemon.clock.advance(60 * 60_000)
    expect(refreshes()).toBe(before)
    await hide(false)
    await expect.poll(refreshes).toBe(before + 1)
    await context.close()
  })
})
