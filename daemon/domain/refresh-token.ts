import type { SessionId } from './session.ts'

/** A refresh token taken apart. */
export interface RefreshToken {
  readonly sessionId: SessionId
  /** Its number in the chain of its session, from 0. */
  readonly rotation: number
  /**
   * 256 bits. Each secret is derived from the one before, so that only the holder of a token (and the daemon)
   * can know the next.
   */
  readonly secret: Buffer
}

const PREFIX = 'authctl_rt_'
const SESSION_PREFIX = 'ses_'
const SESSION_CHARACTERS = 26
const LENGTH = SESSION_CHARACTERS + 4 + 32

/** The token as it is handed out: a prefix that secret scanners know, then base64url. Opaque to clients. */
export const formatRefreshToken = ({ sessionId, rotation, secret }: RefreshToken): string => {
  const bytes = Buffer.alloc(LENGTH)
  bytes.write(sessionId.slice(SESSION_PREFIX.length), 'latin1')
  bytes.writeUInt32BE(rotation, SESSION_CHARACTERS)
  secret.copy(bytes, SESSION_CHARACTERS + 4)
  return PREFIX + bytes.toString('base64url')
}

/**
 * Takes a token apart; undefined for anything that is not exactly one, whole and canonical. It proves nothing
 * about its secret.
 */
export const parseRefreshToken = (text: string): RefreshToken | undefined => {
  if (!text.startsWith(PREFIX) || text.length > 120) return undefined
  const encoded = text.slice(PREFIX.length)
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.length !== LENGTH || bytes.toString('base64url') !== encoded) return undefined
  const id = bytes.toString('latin1', 0, SESSION_CHARACTERS)
  if (!/^[0-9a-z]{26}$/.test(id)) return undefined
  return {
    sessionId: (SESSION_PREFIX + id) as SessionId,
    rotation: bytes.readUInt32BE(SESSION_CHARACTERS),
    secret: bytes.subarray(SESSION_CHARACTERS + 4),
  }
}
