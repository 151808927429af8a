/** The version of this package. */
export const VERSION = '0.1.0'

interface Runtime {
  readonly navigator?: { readonly userAgent?: string | undefined }
  readonly process?: { readonly versions?: { readonly node?: string | undefined } }
}

/**
 * Names the SDK and the runtime. Browsers get none: they have their own, and another one would cost a CORS
 * preflight.
 */
export const userAgentHeader = (): Readonly<Record<string, string>> => {
  const { navigator, process } = globalThis as unknown as Runtime
  const node = process?.versions?.node
  const runtime = navigator?.userAgent ?? (node && `Node.js/${node}`)
  if (runtime?.startsWith('Mozilla/')) return {}
  return { 'user-agent': `authctl-sdk/${VERSION}${runtime ? ` (${runtime})` : ''}` }
}

/**
 * 128 random bits as hex. Unlike `crypto.randomUUID` this also works on pages that came over plain HTTP. The
 * ids are no secrets: React Native without a polyfill has no `crypto`, and `Math.random` will do.
 */
export const createRandomId = (): string => {
  const bytes = new Uint8Array(16)
  const { crypto } = globalThis as Partial<Pick<typeof globalThis, 'crypto'>>
  const random = crypto?.getRandomValues(bytes) ?? bytes.map(() => Math.random() * 256)
  return Array.from(random, (byte) => (byte + 256).toString(16).slice(1)).join('')
}
