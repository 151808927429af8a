import express, { Router, type Request, type Response } from 'express'
import { setRoute } from './exchange.ts'

const ASSETS_MAX_AGE_MS = 3_600_000

interface Page {
  readonly path: string
  readonly title: string
  readonly styles: readonly string[]
  readonly scripts: readonly string[]
  /** Extra sources of the page's policy. */
  readonly policy: Readonly<Record<string, string>>
}

/** Swagger UI sets styles through the object model only, and shows icons as data URLs. */
const SWAGGER: Page = {
  path: '/docs',
  title: 'authctl API',
  styles: ['swagger-ui.css'],
  scripts: ['swagger-ui-bundle.js', 'swagger-init.js'],
  policy: { 'style-src': "'self'", 'connect-src': "'self'" },
}

/**
 * The two style elements that ReDoc 2.5 inserts: an empty one, whose rules it sets through the object model,
 * and one of its scroll bar.
 */
const REDOC_STYLES =
  "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='"

/** ReDoc searches in a worker made from a blob. */
const REDOC: Page = {
  path: '/redoc',
  title: 'authctl API reference',
  styles: ['redoc.css'],
  scripts: ['redoc.standalone.js', 'redoc-init.js'],
  policy: { 'style-src': `'self' ${REDOC_STYLES}`, 'connect-src': "'self'", 'worker-src': 'blob:' },
}

const policyOf = (page: Page): string =>
  Object.entries({
    'default-src': "'none'",
    'script-src': "'self'",
    'img-src': "'self' data:",
    'font-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
    ...page.policy,
  })
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join('; ')

/** `root` leads from the page to where the daemon is: it may be below a path that only the proxy knows. */
const html = (page: Page, root: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title}</title>
<link rel="icon" href="${root}docs/assets/favicon-32x32.png">
${page.styles.map((file) => `<link rel="stylesheet" href="${root}docs/assets/${file}">`).join('\n')}
</head>
<body>
<div id="api"></div>
${page.scripts.map((file) => `<script src="${root}docs/assets/${file}"></script>`).join('\n')}
</body>
</html>
`

const sendPage = (page: Page, request: Request, response: Response): void => {
  setRoute(response, page.path)
  response.setHeader('Content-Security-Policy', policyOf(page))
  response.setHeader('Cache-Control', 'no-store')
  response.type('html').send(html(page, request.path.endsWith('/') ? '../' : ''))
}

/**
 * `/openapi.json`, and the pages that show it: Swagger UI at `/docs`, ReDoc at `/redoc`. Everything they load
 * is served from `assetsDir` under a policy that admits no other origin and no inline script.
 */
export const docsRouter = ({ assetsDir, openapi }: { assetsDir: string; openapi: () => object }): Router => {
  const router = Router()
  let document: string | undefined
  router.get('/openapi.json', (_request, response) => {
    setRoute(response, '/openapi.json')
    document ??= JSON.stringify(openapi())
    response.setHeader('Cache-Control', 'no-cache')
    response.type('application/json').send(document)
  })
  for (const page of [SWAGGER, REDOC])
    router.get(page.path, (request, response) => sendPage(page, request, response))
  router.use(
    '/docs/assets',
    (_request, response, next) => {
      setRoute(response, '/docs/assets')
      next()
    },
    express.static(assetsDir, {
      index: false,
      dotfiles: 'ignore',
      redirect: false,
      maxAge: ASSETS_MAX_AGE_MS,
      fallthrough: true,
    }),
  )
  return router
}
