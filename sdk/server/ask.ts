import { AuthctlError } from '../errors.ts'
import { fetchOf, type KeySetOptions } from './key-set.ts'

/** The daemon cannot say whether a token has ended before its time. Answer 503, not 401. */
export class DaemonUnavailableError extends AuthctlError {
  constructor(url: string, cause: unknown) {
    super('daemon_unavailable', `${url} does not say whether the token has ended`, { cause })
  }
}

/** Makes what asks the daemon whether a token lives. It rejects with {@link DaemonUnavailableError}. */
export const createAsk = (options: KeySetOptions): ((token: string) => Promise<boolean>) => {
  const { issuer, timeoutMs = 5000 } = options
  const url = `${issuer.replace(/\/$/, '')}/auth/me`
  return async (token) => {
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), timeoutMs)
    try {
      const headers = { authorization: `Bearer ${token}` }
      const { status, body } = await fetchOf(options)(url, {
        headers,
        signal: controller.signal,
        redirect: 'error',
      })
      body?.cancel().catch(() => undefined)
      // With 403 the daemon knows who asks, and its policies do not let them.
      if (status === 200 || status === 403) return true
      if (status === 401) return false
      throw new Error(`status ${status}`)
    } catch (error) {
      throw new DaemonUnavailableError(url, error)
    } finally {
      clearTimeout(timer)
    }
  }
}
