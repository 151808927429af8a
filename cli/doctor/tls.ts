import { once } from 'node:events'
import { connect } from 'node:tls'
import type { HostCheck } from '../host/daemon.ts'

const SOON_DAYS = 14
const DAY_MS = 24 * 3600 * 1000

/** Whether a URL leads to this machine, where nobody listens on the way. */
export const isLoopback = (url: string): boolean =>
  /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname)

/** When the certificate of a server ends, in epoch milliseconds; undefined if it does not say. */
const certificateEnd = async (url: string, timeoutMs: number): Promise<number | undefined> => {
  const { hostname, port } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  const socket = connect({ host, port: Number(port || 443), servername: host, timeout: timeoutMs })
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(timeoutMs) })
    const end = Date.parse(socket.getPeerCertificate().valid_to)
    return Number.isNaN(end) ? undefined : end
  } catch {
    return undefined
  } finally {
    socket.destroy()
  }
}

/** Whether what is sent to a server can be read on the way, and for how long its certificate is good. */
export const checkTls = async (url: string, timeoutMs: number): Promise<HostCheck> => {
  const name = 'tls'
  if (!url.startsWith('https:'))
    return isLoopback(url)
      ? { name, status: 'ok', detail: 'not encrypted; it does not leave this machine' }
      : {
          name,
          status: 'warn',
          detail: 'not encrypted: passwords and tokens can be read on the way',
          fix: 'Put a proxy with TLS in front of the daemon, and ask it by https.',
        }
  const end = await certificateEnd(url, timeoutMs)
  if (end === undefined) return { name, status: 'ok', detail: 'encrypted' }
  const days = Math.floor((end - Date.now()) / DAY_MS)
  return days >= SOON_DAYS
    ? { name, status: 'ok', detail: `encrypted; the certificate is good for ${days} days` }
    : {
        name,
        status: 'warn',
        detail: `encrypted; the certificate ends in ${days} day${days === 1 ? '' : 's'}`,
        fix: 'Renew the certificate of the proxy.',
      }
}
