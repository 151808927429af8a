import { AUTHENTICATION, BODY_FORMS, statusOf } from './authentication.ts'
import type { ErrorCode } from './errors.ts'
import type { Route } from './route.ts'

const ANY: readonly ErrorCode[] = ['invalid_request', 'internal', 'overloaded', 'unavailable']
const CONDITIONAL: readonly ErrorCode[] = ['precondition_failed', 'precondition_required']
const IDEMPOTENT: readonly ErrorCode[] = ['idempotency_in_progress', 'idempotency_mismatch']

/** Every code that a route can answer, by status: its own, and those that every route of its kind has. */
export const errorsOf = (route: Route): ReadonlyMap<number, readonly ErrorCode[]> => {
  const { bodyForm, codes, errorForm } = AUTHENTICATION[route.auth]
  const ofBody: readonly ErrorCode[] = BODY_FORMS[bodyForm].codes
  const all = new Set<ErrorCode>([
    ...ANY,
    // A body is read wherever one is sent.
    ...ofBody.filter((code) => route.speaksAuthZen !== true || code !== 'unsupported_media_type'),
    ...(route.precondition === true ? CONDITIONAL : []),
    ...codes,
    ...(route.idempotent === true ? IDEMPOTENT : []),
    ...route.errors,
  ])
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of all) {
    const status = statusOf(errorForm, code)
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b))
}
