import { build } from 'esbuild'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'

const PAGE = `${import.meta.dirname}/page`

/** Where the daemon is reached from the browser. */
export interface WebAppSettings {
  readonly daemonUrl: string
}

/** The script of the page in one file, as its browser loads it. */
const bundlePage = async (): Promise<string> => {
  const { outputFiles } = await build({
    entryPoints: [`${PAGE}/app.ts`],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    // The package as it is built, whatever the checkout maps its name to.
    tsconfigRaw: {},
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}

/** Scripts and styles of this server alone, requests to the daemon alone, and no frame around the page. */
const headersFor = (daemonUrl: string): Record<string, string> => ({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${new URL(daemonUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
  // Only this page may ask for the codes of its messages.
  'permissions-policy': 'otp-credentials=(self)',
})

/** A server of the page and its four files. The daemon must allow its origin (`AUTHCTL_CORS_ORIGINS`). */
export const createWebApp = async ({ daemonUrl }: WebAppSettings): Promise<Server> => {
  const read = (file: string): Promise<string> => readFile(`${PAGE}/${file}`, 'utf8')
  const html = await read('index.html')
  const files = new Map([
    ['/', { type: 'text/html; charset=utf-8', body: html.replace('{{daemon}}', encodeURI(daemonUrl)) }],
    ['/app.js', { type: 'text/javascript; charset=utf-8', body: await bundlePage() }],
    ['/style.css', { type: 'text/css; charset=utf-8', body: await read('style.css') }],
    ['/mark.svg', { type: 'image/svg+xml', body: await read('mark.svg') }],
  ])
  const headers = headersFor(daemonUrl)
  return createServer(({ method, url = '/' }, response) => {
    const file = files.get(url.split('?')[0] ?? '/')
    if (file === undefined || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(file === undefined ? 404 : 405, headers).end()
      return
    }
    response.writeHead(200, { ...headers, 'content-type': file.type })
    response.end(method === 'HEAD' ? undefined : file.body)
  })
}
