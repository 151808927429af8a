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
  const runtime = navigator?.userAgent ?? (node === undefined ? undefined : `Node.js/${node}`)
  if (runtime?.startsWith('Mozilla/') === true) return {}
  return { 'user-agent': `authctl-sdk/${VERSION}${runtime === undefined ? '' : ` (${runtime})`}` }
}

/** 128 random bits as hex. Unlike `crypto.randomUUID` this also works on pages that came over plain HTTP. */
export const createRandomId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
