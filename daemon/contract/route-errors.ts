import { ERRORS, type ErrorCode } from './errors.ts'
import type { Route } from './route.ts'

const ANY: readonly ErrorCode[] = ['invalid_request', 'internal', 'unavailable']
const WITH_BODY: readonly ErrorCode[] = ['invalid_json', 'body_too_large', 'unsupported_media_type']
const WITH_ACCESS_TOKEN: readonly ErrorCode[] = ['authentication_required', 'invalid_token', 'forbidden']
const WITH_REFRESH_TOKEN: readonly ErrorCode[] = ['authentication_required', 'invalid_token']
const CONDITIONAL: readonly ErrorCode[] = ['precondition_failed', 'precondition_required']
const IDEMPOTENT: readonly ErrorCode[] = ['idempotency_in_progress', 'idempotency_mismatch']

/** Every code that a route can answer, by status: its own, and those that every route of its kind has. */
export const errorsOf = (route: Route): ReadonlyMap<number, readonly ErrorCode[]> => {
  const codes = new Set<ErrorCode>([
    ...ANY,
    ...(route.method === 'GET' || route.method === 'DELETE' ? [] : WITH_BODY),
    ...(route.precondition === true ? CONDITIONAL : []),
    ...(route.auth === 'access' || route.auth === 'expired-access' ? WITH_ACCESS_TOKEN : []),
    ...(route.auth === 'refresh' ? WITH_REFRESH_TOKEN : []),
    ...(route.idempotent === true ? IDEMPOTENT : []),
    ...route.errors,
  ])
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes) {
    const { status } = ERRORS[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b))
}
