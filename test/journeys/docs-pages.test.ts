import { readdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bootstrap } from '../support/accounts.ts'
import { browserMissing, keepScreenshot, launchBrowser, watchPage } from '../support/browser.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

describe('documentation pages in a browser', () => {
  const missing = browserMissing()
  if (missing !== undefined) {
    test('needs a browser', (context) => context.skip(missing))
    return
  }

  let daemon: TestDaemon
  let browser: Browser

  beforeAll(async () => {
    daemon = await startTestDaemon({ PUBLIC_URL: 'http://auth.example.test' })
    browser = await launchBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await daemon?.stop()
  })

  /**
   * Opens a page and keeps what must not happen: console errors, policy violations, requests that leave the
   * origin.
   */
  const open = async (path: string): Promise<{ page: Page; problems: string[] }> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const problems = await watchPage(page, [daemon.url])
    page.on('requestfailed', (request) => problems.push(`failed: ${request.url()}`))
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`)
    })
    await page.goto(daemon.url + path, { waitUntil: 'networkidle' })
    return { page, problems }
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

  test('Swagger UI sends the token of its authorise box, and forgets it when opened again', async () => {
    const { access } = await bootstrap(daemon.api, daemon.dataDir)
    const { page, problems } = await open('/docs')
    const askWhoIAm = async (): Promise<string> => {
      const block = page.locator('.opblock-get:has([data-path="/auth/me"])')
      await block.locator('.opblock-summary-control').click()
      await block.locator('.try-out__btn').click()
      const [response] = await Promise.all([
        page.waitForResponse((answer) => answer.url() === `${daemon.url}/auth/me`),
        block.locator('.execute').click(),
      ])
      return `${response.status()} ${await response.text()}`
    }
    await page.locator('.btn.authorize').first().click()
    await page.locator('.auth-container input').first().fill(access)
    await keepScreenshot(page, 'docs-authorise')
    await page.locator('.auth-btn-wrapper .authorize').first().click()
    await page.locator('.auth-btn-wrapper .btn-done').first().click()
    expect(await askWhoIAm()).toMatch(/^200 .*super-admin/)
    expect(problems).toEqual([])
    await page.goto('about:blank')
    await page.goto(`${daemon.url}/docs`, { waitUntil: 'networkidle' })
    expect(await askWhoIAm()).toMatch(/^401 /)
    expect(problems.filter((problem) => !problem.includes('401'))).toEqual([])
    await page.close()
  })

  test('ReDoc renders the reference, finds what is searched for, and loads nothing from elsewhere', async () => {
    const { page, problems } = await open('/redoc')
    await page.waitForSelector('[data-section-id], .api-content')
    const text = await page.textContent('body')
    expect(text).toContain('Send a one-time code to a phone')
    expect(text).toContain('Rotate the refresh token')
    await keepScreenshot(page, 'redoc')
    await page.locator('.search-input').pressSequentially('refresh')
    const results = page.locator('[data-role="search:results"] li')
    await results.first().waitFor()
    expect((await results.allTextContents()).join()).toMatch(/refresh/i)
    await keepScreenshot(page, 'redoc-search')
    expect(problems).toEqual([])
    await page.close()
  })

  test('the watch over a page sees what it is for', async () => {
    const { page, problems } = await open('/docs')
    await page.evaluate(`{
      const script = document.createElement('script')
      script.textContent = 'window.ran = true'
      document.body.append(script)
      new Image().src = 'http://elsewhere.example.test/x.png'
      const style = document.createElement('style')
      style.textContent = 'body { color: red }'
      document.head.append(style)
    }`)
    for (const directive of ['script-src', 'img-src', 'style-src'])
      await expect.poll(() => problems.join('\n')).toContain(`policy: ${directive}`)
    expect(await page.evaluate('window.ran')).toBeUndefined()
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

test('the files of the pages are cached, typed and closed, and name their licences', async () => {
  const daemon = await startTestDaemon()
  const folder = new URL('../../dist/docs-assets/', import.meta.url)
  const files = readdirSync(folder)
  expect(files).toEqual(
    expect.arrayContaining([
      'swagger-ui.LICENSE',
      'swagger-ui.NOTICE',
      'swagger-ui-bundle.js.LICENSE.txt',
      'redoc.LICENSE',
      'redoc.standalone.js.LICENSE.txt',
    ]),
  )
  expect(files.filter((file) => file.endsWith('.map'))).toEqual([])
  for (const file of files.filter((name) => /\.(js|css)$/.test(name))) {
    const answer = await fetch(`${daemon.url}/docs/assets/${file}`)
    expect(answer.status, file).toBe(200)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=3600')
    expect(answer.headers.get('content-type')).toMatch(file.endsWith('.css') ? /^text\/css/ : /javascript/)
    expect((await answer.text()).slice(-200), file).not.toContain('sourceMappingURL')
  }
  for (const path of ['/docs/assets/', '/docs/assets/%2e%2e/%2e%2e/package.json', '/docs/assets/absent.js']) {
    expect((await daemon.api.get(path)).status, path).toBe(404)
  }
  await daemon.stop()
})

test('documentation can be switched off', async () => {
  const daemon = await startTestDaemon({ AUTHCTL_DOCS: 'false' })
  for (const path of ['/docs', '/redoc', '/openapi.json', '/docs/assets/swagger-ui.css']) {
    expect((await daemon.api.get(path)).status, path).toBe(404)
  }
  await daemon.stop()
})
