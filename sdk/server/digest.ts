import { base64url } from './token.ts'

interface NodeProcess {
  readonly getBuiltinModule?: (name: string) => {
    readonly hash?: (algorithm: string, text: string, encoding: 'base64url') => string
  }
}

/**
 * A SHA-256 digest of a text in base64url, to remember it by. Node makes it at once; other platforms have the
 * promise of WebCrypto only.
 */
export const createDigest = (): ((text: string) => string | Promise<string>) => {
  const { process } = globalThis as { process?: NodeProcess }
  const hash = process?.getBuiltinModule?.('node:crypto')?.hash
  if (hash !== undefined) return (text) => hash('sha256', text, 'base64url')
  const encoder = new TextEncoder()
  return async (text) =>
    base64url(
      String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text)))),
    )
}
