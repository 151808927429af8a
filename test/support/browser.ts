import { existsSync } from 'node:fs'
import { chromium, type Browser, type Page } from 'playwright-core'

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

/** Why there is no browser; undefined if there is one. In CI there must be. */
export const browserMissing = (): string | undefined =>
  existsSync(CHROMIUM) || process.env['CI'] !== undefined ? undefined : `there is no browser at ${CHROMIUM}`

/** A Chromium without a window. */
export const launchBrowser = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: ARGS })

/** Keeps a picture of a page where `SCREENSHOTS` says, if it says. */
export const keepScreenshot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['SCREENSHOTS']
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png` })
}

/**
 * Keeps what must not happen on a page: errors in the console, violations of its policy, and requests to
 * other origins than these.
 */
export const watchPage = async (page: Page, origins: readonly string[]): Promise<string[]> => {
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/.test(message.text()))
      problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !origins.includes(new URL(request.url()).origin))
      problems.push(`left the origin: ${request.url()}`)
  })
  await page.exposeFunction('reportViolation', (text: string) => problems.push(text))
  await page.addInitScript(
    `document.addEventListener('securitypolicyviolation', (event) =>
      reportViolation('policy: ' + event.violatedDirective + ' ' + event.blockedURI))`,
  )
  return problems
}
