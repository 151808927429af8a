import type { AuthMode } from '../contract/authentication.ts'
import { ERRORS } from '../contract/errors.ts'
import type { Route } from '../contract/route.ts'
import { Failure } from '../domain/failure.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'
import type { Audit } from '../ports/audit.ts'
import { actorFields, originFields } from '../usecases/audit.ts'
import { principalOf, type Caller } from './reply.ts'

/** What use cases record themselves, since they know more of it. */
const RECORDED = new Set([
  'invalid_credentials',
  'invalid_refresh_key',
  'refresh_key_locked',
  'invalid_setup_token',
])
const REFUSED = new Set([401, 403, 429])
/** Refusals where something was to be changed; a look at what is not there is none. */
const REFUSED_CHANGE = new Set([404, 409])

const isRecorded = ({ operationId }: Route, { code, decisionId, cause }: Failure): boolean =>
  RECORDED.has(code) ||
  operationId.endsWith('.login') ||
  (code === 'forbidden' && (decisionId !== undefined || cause !== undefined))

const isRefusal = ({ method }: Route, { code }: Failure): boolean => {
  const { status } = ERRORS[code]
  return REFUSED.has(status) || (method !== 'GET' && REFUSED_CHANGE.has(status))
}

/** One request that failed: who asked, if that was known by then, and on whom. */
interface Refused {
  readonly caller: Caller<AuthMode>
  readonly params: Readonly<Record<string, string | string[]>>
  readonly origin: RequestOrigin
  readonly error: unknown
}

/** Records that a request was refused, unless its use case has done so. Other failures are no refusals. */
export const createRecordRefusal =
  (audit: Audit) =>
  (route: Route, { caller, params, origin, error }: Refused): void => {
    if (!(error instanceof Failure) || !isRefusal(route, error) || isRecorded(route, error)) return
    const principal = principalOf(caller)
    const targetId = typeof params['id'] === 'string' && 'target' in route ? params['id'] : undefined
    audit.record({
      event: 'request-refused',
      outcome: 'failure',
      reason: `${route.operationId}: ${error.reason ?? error.code}`,
      ...(principal === undefined ? originFields(origin) : actorFields(principal, origin)),
      ...(targetId === undefined ? {} : { targetId: targetId.slice(0, 64) }),
    })
  }
