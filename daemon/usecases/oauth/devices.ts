import {
  canonicalUserCode,
  DEVICE_SECONDS,
  formatDeviceCode,
  POLL_SECONDS,
  userCodeOf,
  type Device,
} from '../../domain/device.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { SignedIn } from '../../domain/session.ts'
import { actorFields, originFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { RATE_LIMITS, takeLimits } from '../limits.ts'
import type { OAuthClient } from './client.ts'
import { publicClientOf } from './public-clients.ts'

/** How long ago somebody may have signed in who lets a device in. */
const FRESH_MS = 300_000
/** User codes that are tried before there is none that is free. */
const TRIES = 5

/** What devices need. */
export type DeviceDeps = Pick<Deps, 'store' | 'clock' | 'random' | 'vault' | 'audit' | 'settings'>

/** What a device is handed when it asks to be signed in. */
export interface DeviceCodes {
  readonly deviceCode: string
  readonly userCode: string
  readonly expiresInSeconds: number
  readonly intervalSeconds: number
}

/** A device that waits, as the one who decides about it sees it. */
export interface WaitingDevice {
  readonly device: Device
  /** The application on it, as people know it. */
  readonly name: string
}

/** Devices without a browser or a keyboard, signed in by somebody who has both (RFC 8628). */
export const createDevices = (deps: DeviceDeps) => {
  const { store, clock, random, vault, audit } = deps

  const insert = async (applicationId: string, origin: RequestOrigin): Promise<DeviceCodes> => {
    const now = clock.now()
    for (let tries = 0; tries < TRIES; tries++) {
      const userCode = userCodeOf(random.secret())
      const id = vault.sentMac('user-code', userCode)
      const deviceCode = formatDeviceCode(id, random.secret())
      const isFree = await store.devices.insert({
        id,
        digest: vault.digest(deviceCode),
        applicationId,
        ip: origin.ip,
        userAgent: origin.userAgent,
        createdAt: now,
        expiresAt: now + DEVICE_SECONDS * 1000,
        state: 'pending',
        accountId: null,
        epoch: null,
        intervalMs: POLL_SECONDS * 1000,
        pollAfter: now,
      })
      if (isFree)
        return { deviceCode, userCode, expiresInSeconds: DEVICE_SECONDS, intervalSeconds: POLL_SECONDS }
    }
    throw new Failure('overloaded', { reason: 'no_user_code_is_free', retryAfterSeconds: POLL_SECONDS })
  }

  /** A device asks to be signed in. Throws `unauthorized_client`, `invalid_scope`, `rate_limited`. */
  const begin = async (request: {
    client: OAuthClient
    scope: string | undefined
    origin: RequestOrigin
  }): Promise<DeviceCodes> => {
    const { client, scope, origin } = request
    if (publicClientOf(client.id) === undefined) throw new Failure('unauthorized_client')
    if (scope !== undefined) throw new Failure('invalid_scope')
    await takeLimits(deps, [RATE_LIMITS.devicesFrom(origin.ip)], origin)
    const codes = await insert(client.id, origin)
    audit.record({ event: 'device-authorization', outcome: 'success', ...originFields(origin) })
    return codes
  }

  /**
   * The device that waits under a user code, as somebody has typed it; each look counts as a guess. Throws
   * `not_found` or `rate_limited`.
   */
  const find = async (userCode: string, origin: RequestOrigin): Promise<WaitingDevice> => {
    await takeLimits(deps, [RATE_LIMITS.userCodesFrom(origin.ip)], origin)
    const code = canonicalUserCode(userCode)
    const device = code === undefined ? undefined : await store.devices.get(vault.sentMac('user-code', code))
    if (device === undefined || device.state !== 'pending' || device.expiresAt <= clock.now())
      return notFound()
    return { device, name: publicClientOf(device.applicationId)?.name ?? device.applicationId }
  }

  /**
   * Refuses an approval by a session that has not begun a moment ago: an access token that was stolen would
   * otherwise become a session of its own. Throws `forbidden`.
   */
  const requireFresh = ({ session }: SignedIn): void => {
    if (clock.now() - session.createdAt > FRESH_MS)
      throw new Failure('forbidden', {
        detail: 'A device is let in by a sign-in of the last five minutes: sign in again, or use /device.',
        reason: 'no_fresh_sign_in',
      })
  }

  /**
   * Decides about a device that waits. Whether the caller may let it in has been asked; without a caller it
   * can be denied only. Throws `not_found` where another decision came first.
   */
  const decide = async (request: {
    waiting: WaitingDevice
    decision: 'approve' | 'deny'
    caller: SignedIn | undefined
    origin: RequestOrigin
  }): Promise<void> => {
    const { waiting, decision, caller, origin } = request
    const isApproved = decision === 'approve'
    if (isApproved && caller === undefined) throw new Failure('authentication_required')
    if (isApproved && caller !== undefined) requireFresh(caller)
    const { id, epoch } = caller?.account ?? {}
    const isDecided = await store.devices.decide({
      id: waiting.device.id,
      state: isApproved ? 'approved' : 'denied',
      account: isApproved && id !== undefined && epoch !== undefined ? { id, epoch } : null,
      now: clock.now(),
    })
    if (!isDecided) notFound()
    audit.record({
      event: `device-${decision}`,
      outcome: 'success',
      ...(caller === undefined ? originFields(origin) : actorFields(caller, origin)),
    })
  }

  return { begin, find, decide }
}
