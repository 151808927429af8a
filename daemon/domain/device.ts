import type { AccountId } from './account.ts'

/** Letters that make no words and are not taken for one another (RFC 8628 section 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const USER_CODE_LETTERS = 8
const USER_CODE = new RegExp(`^[${ALPHABET}]{${USER_CODE_LETTERS}}$`)

const DEVICE_CODE_PREFIX = 'authctl_dc_'
const ID_BYTES = 32
const DEVICE_CODE_BYTES = ID_BYTES + 32

/** How long a device waits for somebody to let it in. */
export const DEVICE_SECONDS = 600
/** How long it has to wait between two questions at first. */
export const POLL_SECONDS = 5
/** How much longer after each question that came too soon (RFC 8628 section 3.5). */
const SLOWER_MS = 5000
/** Questions are on their way for different times: one that is so much early is not too soon. */
const JITTER_MS = 1000

/** `used`: its device has been handed its tokens. */
export const DEVICE_STATES = ['pending', 'approved', 'denied', 'used'] as const

/** A device that asks to be signed in. */
export interface Device {
  /** Keyed digest of its user code: of all devices that wait, one has a user code. */
  readonly id: string
  /** SHA-256 of its device code, base64url. */
  readonly digest: string
  /** The application that runs on it. */
  readonly applicationId: string
  /** From where it asked. */
  readonly ip: string | null
  readonly userAgent: string | null
  readonly createdAt: number
  readonly expiresAt: number
  readonly state: (typeof DEVICE_STATES)[number]
  /** Who has let it in, and the epoch of that account then. */
  readonly accountId: AccountId | null
  readonly epoch: number | null
  /** Between two questions of it. */
  readonly intervalMs: number
  /** Before that, a question is too soon. */
  readonly pollAfter: number
}

/** The user code of 256 random bits: eight letters, all alike likely but for a difference below 2^-220. */
export const userCodeOf = (random: Buffer): string => {
  let rest = BigInt(`0x${random.toString('hex')}`)
  let code = ''
  for (let letter = 0; letter < USER_CODE_LETTERS; letter++) {
    code += ALPHABET.charAt(Number(rest % BigInt(ALPHABET.length)))
    rest /= BigInt(ALPHABET.length)
  }
  return code
}

/** A user code as it is shown: `WDJB-MJHT`. */
export const shownUserCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`

/**
 * The user code that somebody has typed: case, spaces and dashes do not count. Undefined for what can be
 * none.
 */
export const canonicalUserCode = (text: string): string | undefined => {
  const letters = text.toUpperCase().replace(/[\s\-\u2010-\u2015.]/g, '')
  return USER_CODE.test(letters) ? letters : undefined
}

/** The device code: the id of the device, and 256 bits that only the device knows. */
export const formatDeviceCode = (id: string, secret: Buffer): string =>
  DEVICE_CODE_PREFIX + Buffer.concat([Buffer.from(id, 'base64url'), secret]).toString('base64url')

/** The id that a device code names; undefined for what is none. It proves nothing about its secret. */
export const deviceIdOf = (deviceCode: string): string | undefined => {
  if (!deviceCode.startsWith(DEVICE_CODE_PREFIX) || deviceCode.length > 120) return undefined
  const encoded = deviceCode.slice(DEVICE_CODE_PREFIX.length)
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.length !== DEVICE_CODE_BYTES || bytes.toString('base64url') !== encoded) return undefined
  return bytes.toString('base64url', 0, ID_BYTES)
}

/** A question of a device whether it is let in. */
export interface DevicePoll {
  readonly id: string
  readonly digest: string
  readonly applicationId: string
  readonly now: number
}

/**
 * What a question of a device is answered: `absent` (no such device, of another application, or it has its
 * tokens), `expired`, `denied`, `pending`, `too-soon`, or `approved`. With what changes by it.
 */
export const judgePoll = (
  device: Device | undefined,
  { digest, applicationId, now }: DevicePoll,
): {
  readonly kind: 'absent' | 'expired' | 'denied' | 'pending' | 'too-soon' | 'approved'
  readonly change?: Partial<Pick<Device, 'state' | 'intervalMs' | 'pollAfter'>>
} => {
  if (device === undefined || device.digest !== digest || device.applicationId !== applicationId)
    return { kind: 'absent' }
  if (device.state === 'used') return { kind: 'absent' }
  if (device.expiresAt <= now) return { kind: 'expired' }
  if (device.state === 'denied') return { kind: 'denied' }
  if (device.state === 'approved') return { kind: 'approved', change: { state: 'used' } }
  const isSoon = now < device.pollAfter
  const intervalMs = device.intervalMs + (isSoon ? SLOWER_MS : 0)
  const change = { intervalMs, pollAfter: now + intervalMs - JITTER_MS }
  return { kind: isSoon ? 'too-soon' : 'pending', change }
}
