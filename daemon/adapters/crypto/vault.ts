import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import type { TextInPieces, Vault } from '../../ports/crypto.ts'
import { drawBytes } from './random.ts'
import { sameMac } from './same-mac.ts'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** 128 bits and a little more. */
const HIDDEN_LENGTH = 22

/**
 * A `KeyObject`, because Node prepares a key that is given as bytes anew at every use, which costs more than
 * the MAC itself.
 */
const derive = (secret: string, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), `authctl/${purpose}/v1`, 32)))

/**
 * Keys for each purpose derived by HKDF-SHA-256 (RFC 5869) from the root secret; HMAC-SHA-256 for digests,
 * AES-256-GCM for sealing. Sealed form: base64url of version, nonce, ciphertext and tag, with the context as
 * associated data.
 */
export const createVault = ({
  secret,
  refreshKeySecret,
}: {
  secret: string
  refreshKeySecret: string
}): Vault => {
  const otpKey = derive(secret, 'otp')
  const refreshTokenKey = derive(secret, 'refresh-token')
  const sealingKey = derive(secret, 'seal')
  const sentKey = derive(secret, 'sent')
  const planKey = derive(secret, 'plan')
  const serviceKeyKey = derive(secret, 'service-key')
  const hidingKey = derive(secret, 'hidden-name')
  const refreshKeyKey = derive(refreshKeySecret, 'refresh-key')
  const mac = (key: KeyObject, ...parts: readonly string[]): string =>
    createHmac('sha256', key).update(parts.join('\0')).digest('base64url')
  const planMac = async (pieces: TextInPieces): Promise<string> => {
    const hmac = createHmac('sha256', planKey)
    for await (const piece of pieces) hmac.update(piece)
    return hmac.digest('base64url')
  }

  return {
    otpMac: ({ challengeId, phone, purpose, code }) => mac(otpKey, challengeId, phone, purpose, code),
    refreshKeyMac: (accountId, refreshKey) => mac(refreshKeyKey, accountId, refreshKey.normalize('NFC')),
    serviceKeyMac: (applicationId, key) => mac(serviceKeyKey, applicationId, key),
    isServiceKeyMac: (given, applicationId, key) => sameMac(given, mac(serviceKeyKey, applicationId, key)),
    nextRefreshSecret: (present) => createHmac('sha256', refreshTokenKey).update(present).digest(),
    sentMac: (use, ...parts) => mac(sentKey, use, ...parts),
    hiddenName: (audience, kind, name) => mac(hidingKey, audience, kind, name).slice(0, HIDDEN_LENGTH),
    planMac,
    isPlanMac: async (given, pieces) => sameMac(given, await planMac(pieces)),
    digest: (text) => hash('sha256', text, 'base64url'),

    seal: (plaintext, context) => {
      const nonce = drawBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.from([VERSION]), nonce, body, cipher.getAuthTag()]).toString('base64url')
    },

    open: (sealed, context) => {
      const bytes = Buffer.from(sealed, 'base64url')
      if (bytes[0] !== VERSION || bytes.length < 1 + NONCE_BYTES + TAG_BYTES) return undefined
      const nonce = bytes.subarray(1, 1 + NONCE_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce)
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        const body = bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES)
        return decipher.update(body, undefined, 'utf8') + decipher.final('utf8')
      } catch {
        return undefined
      }
    },
  }
}
