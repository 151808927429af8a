import type { ErrorCode } from '../../contract/errors.ts'
import { deviceIdOf } from '../../domain/device.ts'
import { Failure } from '../../domain/failure.ts'
import { isActive } from '../../domain/session.ts'
import { originFields } from '../audit.ts'
import { openSession } from '../sessions/open.ts'
import type { Grant } from './grants.ts'
import { requireParameter } from './parameters.ts'

const DEVICE_REFUSALS = {
  expired: 'expired_token',
  denied: 'access_denied',
  pending: 'authorization_pending',
  'too-soon': 'slow_down',
} as const satisfies Readonly<Record<string, ErrorCode>>

const NO_GRANT =
  'The device code is unknown, used up, of another application, or of an account that is not as it was. Ask for another.'

const endedGrant = (reason: string): never => {
  throw new Failure('invalid_grant', { detail: NO_GRANT, reason })
}

/**
 * Signs a device in that somebody has let in (RFC 8628 section 3.4), for as long as that account is as it was
 * then. The device code is used up first: what dies in between costs another one.
 */
export const deviceCode: Grant = async (deps, { client, parameters, origin }) => {
  const presented = requireParameter(parameters, 'device_code')
  const { store, vault, clock, audit } = deps
  const id = deviceIdOf(presented) ?? endedGrant('malformed')
  const digest = vault.digest(presented)
  const outcome = await store.devices.poll({ id, digest, applicationId: client.id, now: clock.now() })
  if (outcome.kind === 'absent') return endedGrant('device_absent')
  if (outcome.kind !== 'approved')
    throw new Failure(DEVICE_REFUSALS[outcome.kind], { reason: `device_${outcome.kind}` })
  const { accountId, epoch } = outcome.device
  const lineage = accountId === null ? [] : await store.accounts.getLineageOf(accountId)
  const account = lineage.at(-1)
  if (account === undefined || account.epoch !== epoch || !isActive(lineage)) return endedGrant('not_active')
  const { session, token } = await openSession(deps, { account, applicationId: client.id, origin })
  // What ends all sessions of an account denies its devices first: it may have missed this session.
  if ((await store.devices.get(id))?.state === 'denied') {
    await store.sessions.revoke({ id: session.id, accountId: account.id, now: clock.now() })
    return endedGrant('denied_meanwhile')
  }
  audit.record({
    event: 'device-sign-in',
    outcome: 'success',
    actorId: account.id,
    sessionId: session.id,
    ...originFields(origin),
  })
  return token
}

/** The grant type of devices (RFC 8628 section 3.4). */
export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
