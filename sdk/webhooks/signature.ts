/** A key of WebCrypto, whose type has a name on some platforms only. */
export type SecretKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>

const encoder = new TextEncoder()

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

/** What follows `whsec_` is base64, as in Standard Webhooks; any other secret is taken as it is. */
const secretBytes = (secret: string): Uint8Array<ArrayBuffer> =>
  secret.startsWith('whsec_') ? bytesOf(secret.slice('whsec_'.length)) : encoder.encode(secret)

/** The key of a secret, for signatures by HMAC-SHA-256. */
export const importSecret = (secret: string): Promise<SecretKey> =>
  crypto.subtle.importKey('raw', secretBytes(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])

/** The signatures of version 1 in a `webhook-signature` header: several while a secret is rotated. */
export const signaturesOf = (header: string): Uint8Array<ArrayBuffer>[] =>
  header
    .split(' ')
    .map((part) => /^v1,([A-Za-z0-9+/]{43}=)$/.exec(part)?.[1])
    .filter((text) => text !== undefined)
    .map(bytesOf)

/** Whether any key made any of the signatures; the comparison takes the same time for each. */
export const isSigned = async (
  keys: readonly SecretKey[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> => {
  const pairs = keys.flatMap((key) => signatures.map((signature) => ({ key, signature })))
  const results = await Promise.all(
    pairs.map(({ key, signature }) => crypto.subtle.verify('HMAC', key, signature, signed)),
  )
  return results.includes(true)
}
