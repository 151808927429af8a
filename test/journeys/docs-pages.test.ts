import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

describe('documentation pages in a browser', () => {
  if (!existsSync(CHROMIUM) && process.env['CI'] === undefined) {
    test.skip(`skipped: there is no browser at ${CHROMIUM}`, () => undefined)
    return
  }

  let daemon: TestDaemon
  let browser: Browser

  beforeAll(async () => {
    daemon = await startTestDaemon({ PUBLIC_URL: 'http://auth.example.test' })
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await daemon?.stop()
  })

  /** Opens a page and keeps what must not happen: console errors, policy violations, requests that leave the origin. */
  const open = async (path: string): Promise<{ page: Page; problems: string[] }> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const problems: string[] = []
    page.on('console', (message) => {
      if (message.type() === 'error' || /Content Security Policy/.test(message.text()))
        problems.push(message.text())
    })
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== daemon.url)
        problems.push(`left the origin: ${request.url()}`)
    })
    await page.goto(daemon.url + path, { waitUntil: 'networkidle' })
    return { page, problems }
  }

  const keepScreenshot = async (page: Page, name: string): Promise<void> => {
    const folder = process.env['SCREENSHOTS']
    if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` })
  }

  test('Swagger UI lists the operations, loads nothing from elsewhere, and can try them out', async () => {
    const { page, problems } = await open('/docs')
    await page.waitForSelector('.opblock')
    expect(await page.locator('.opblock').count()).toBeGreaterThan(30)
    await keepScreenshot(page, 'docs')

    const tryOut = async (operation: string, fill?: string): Promise<string> => {
      const block = page.locator(`.opblock:has([data-path="${operation}"])`)
      await block.locator('.opblock-summary-control').click()
      await block.locator('.try-out__btn').click()
      if (fill !== undefined) await block.locator('textarea').first().fill(fill)
      await block.locator('.execute').click()
      const status = block.locator('.live-responses-table tbody .response-col_status').first()
      await status.waitFor()
      return (await status.textContent()) ?? ''
    }
    expect(await tryOut('/')).toContain('200')
    expect(await tryOut('/auth/otp/send', '{"number": "+919876543210"}')).toContain('200')
    await keepScreenshot(page, 'docs-tried')
    expect(daemon.sms.messages).toHaveLength(1)
    expect(problems).toEqual([])
    await page.close()
  })

  test('ReDoc renders the reference and loads nothing from elsewhere', async () => {
    const { page, problems } = await open('/redoc')
    await page.waitForSelector('[data-section-id], .api-content')
    const text = await page.textContent('body')
    expect(text).toContain('Send a one-time code to a phone')
    expect(text).toContain('Rotate the refresh token')
    await page.waitForTimeout(500)
    await keepScreenshot(page, 'redoc')
    expect(problems).toEqual([])
    await page.close()
  })

  test('their policy admits no other origin, no inline script and no eval', async () => {
    for (const path of ['/docs', '/redoc']) {
      const { headers } = await daemon.api.get(path)
      const policy = String(headers['content-security-policy'])
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("script-src 'self';")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
    }
  })
})

test('documentation can be switched off', async () => {
  const daemon = await startTestDaemon({ AUTHCTL_DOCS: 'false' })
  for (const path of ['/docs', '/redoc', '/openapi.json', '/docs/assets/swagger-ui.css']) {
    expect((await daemon.api.get(path)).status, path).toBe(404)
  }
  await daemon.stop()
})
