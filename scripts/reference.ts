import type { Setting } from '../daemon/config/setting.ts'
import { SETTINGS } from '../daemon/config/settings.ts'
import { ERRORS } from '../daemon/contract/errors.ts'
import type { AuthMode } from '../daemon/contract/authentication.ts'
import { isGuarded, type Route } from '../daemon/contract/route.ts'
import { routes } from '../daemon/contract/routes.ts'
import { ownServices } from './own-services.ts'
import { SCHEMAS } from '../policies/validate/index.ts'
import { page, table } from './markdown.ts'
import { operationsPage } from './reference-operations.ts'
import { policiesPage } from './reference-policies.ts'

const defaultOf = ({ fallback, unit }: Setting<unknown>): string => {
  if (fallback === undefined) return 'unset'
  return fallback === '' ? 'empty' : `\`${fallback}\`${unit === undefined ? '' : ` ${unit}`}`
}

const configuration = (): string =>
  page(
    'Configuration',
    'From the strongest to the weakest: flags of `authctl start`, environment variables, a `.env` file in the working directory, the JSON file that `AUTHCTL_CONFIG` names, the defaults below. All errors are reported at once at start, and an unknown name that starts with `AUTHCTL_` is one of them. An empty value counts as unset.',
    'A setting marked *secret* is also read from the file that `NAME_FILE` names (one trailing newline is dropped); setting both is an error. `authctl config print` shows each value and where it came from, without the secrets.',
    table(
      ['name', 'default', 'meaning'],
      Object.entries<Setting<unknown>>(SETTINGS).map(([name, setting]) => [
        `\`${name}\`${setting.secret === true ? ' *(secret)*' : ''}`,
        defaultOf(setting),
        setting.meaning,
      ]),
    ),
  )

const byCode = (): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const { operationId, errors } of Object.values<Route>(routes)) {
    for (const code of errors) found.set(code, [...(found.get(code) ?? []), operationId])
  }
  return found
}

const errors = (): string => {
  const listedBy = byCode()
  return page(
    'Errors',
    'Every error is an RFC 9457 problem (`application/problem+json`) with a stable `code`. Codes never change their meaning. `instance` is the request id; `errors` points at each wrong field.',
    'Routes below `/oauth` answer as RFC 6749 section 5.2 says: `error` with the registered code, `error_description`, and status 400 for `invalid_grant`. `rate_limited`, `overloaded` and `unavailable` are called `temporarily_unavailable` there, `internal` `server_error`; what has no registered code is an `invalid_request`.',
    ...Object.entries(ERRORS).map(([code, { status, title, meaning }]) =>
      [
        `## ${code}`,
        `**${status}** · ${title}`,
        meaning,
        ...(listedBy.has(code)
          ? [`Listed by: ${(listedBy.get(code) ?? []).map((id) => `\`${id}\``).join(', ')}.`]
          : []),
      ].join('\n\n'),
    ),
  )
}

const BEARER: Readonly<Record<AuthMode, string>> = {
  none: 'none',
  access: 'access token',
  session: 'access token of a sign-in, not of an application',
  'expired-access': 'access token, expired or live',
  refresh: 'refresh token',
  client: 'none: an application authenticates itself (RFC 6749 section 2.3)',
}

const routeSection = (route: Route): string =>
  [
    `### ${route.operationId}`,
    `\`${route.method} ${route.path}\`${route.alias === undefined ? '' : `, also \`${route.method} ${route.alias}\``}`,
    `${route.summary}.${route.description === undefined ? '' : ` ${route.description}`}`,
    table(
      ['bearer', 'action', 'resource', 'answers', 'error codes of its own'],
      [
        [
          BEARER[route.auth],
          ...(isGuarded(route) ? [`\`${route.action}\``, `\`${route.resource}\``] : ['none', 'none']),
          Object.entries(route.responses)
            .map(([status, { description }]) => `${status} ${description}`)
            .join('; '),
          route.errors.map((code) => `[${code}](errors.md#${code})`).join(', ') || 'none',
        ],
      ],
    ),
    ...(route.idempotent === true ? ['Honours `Idempotency-Key`.'] : []),
  ].join('\n\n')

const routesPage = (): string => {
  const tags = [...new Set(Object.values<Route>(routes).map(({ tag }) => tag))]
  return page(
    'Routes',
    'The bodies and answers in full are in `/openapi.json`, and readable at `/docs` and `/redoc` of a running daemon. Where a route has two forms, the one that takes its secrets in the body is the one to use: paths end up in the logs of proxies.',
    'The action and the resource are what the policies of the caller decide. Where there is none, no policy is asked, and none can deny the route.',
    ...tags.flatMap((tag) => [
      `## ${tag}`,
      ...Object.values<Route>(routes)
        .filter((route) => route.tag === tag)
        .map(routeSection),
    ]),
  )
}

/** In the package, and in the repository that `init --policies` writes, where the editor finds them. */
const SCHEMA_FOLDERS = ['policies/schemas', 'examples/policies/.vscode/schemas']

/** The generated reference: each page's content by its path relative to the root. */
export const renderReference = (): ReadonlyMap<string, string> =>
  new Map([
    ['docs/reference/configuration.md', configuration()],
    ['docs/reference/errors.md', errors()],
    ['docs/reference/routes.md', routesPage()],
    ['docs/reference/operation-table.md', operationsPage(Object.values(routes))],
    ['docs/reference/policies.md', policiesPage()],
    [
      'policies/managed/services.json',
      `${JSON.stringify(ownServices(Object.values(routes)), null, 2)}\n`,
    ] as const,
    ...Object.entries(SCHEMAS).flatMap(([name, schema]) =>
      SCHEMA_FOLDERS.map(
        (folder) => [`${folder}/${name}.schema.json`, `${JSON.stringify(schema, null, 2)}\n`] as const,
      ),
    ),
  ])
