import { createHmac } from 'node:crypto'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { SmsMessage, SmsOutcome, SmsSender } from '../../ports/sms.ts'
import { isPublicAddress, PRIVATE_TARGET, publicLookup, type Lookup } from './public-address.ts'

const TIMEOUT_MS = 5000

/** Where messages are posted and how they are signed. */
export interface WebhookOptions {
  readonly url: string
  /** Key of the signature. */
  readonly secret: string
  /** Allow loopback, private and link-local targets. */
  readonly allowPrivate: boolean
  readonly now: () => number
  /** At most, and by default, 5 s. */
  readonly timeoutMs?: number
  /** Replaces the system's resolver. */
  readonly lookup?: Lookup
}

const outcomeOf = (status: number): SmsOutcome => {
  if (status >= 200 && status < 300) return { kind: 'sent', providerId: null }
  const detail = `the webhook answered ${status}`
  if (status === 422) return { kind: 'rejected', detail }
  if (status === 429) return { kind: 'throttled', detail }
  if (status === 408 || status >= 500) return { kind: 'unavailable', detail }
  return { kind: 'misconfigured', detail }
}

/** `t=<unix>,v1=<hex HMAC-SHA-256 over "t.body">`. */
export const signWebhook = (secret: string, unixSeconds: number, body: string): string =>
  `t=${unixSeconds},v1=${createHmac('sha256', secret).update(`${unixSeconds}.${body}`).digest('hex')}`

const bodyOf = ({ phone, code, purpose, expiresAt }: SmsMessage): string =>
  JSON.stringify({ number: phone, code, purpose, expires_at: new Date(expiresAt).toISOString() })

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/**
 * POSTs each code to the operator's endpoint, signed. Follows no redirect, reads no answer body, and refuses
 * targets that are not public, by the address that is really connected to.
 */
export const createWebhook = (options: WebhookOptions): SmsSender => {
  const url = new URL(options.url)
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const timeoutMs = Math.min(options.timeoutMs ?? TIMEOUT_MS, TIMEOUT_MS)
  const refusesLiteral = !options.allowPrivate && isIP(hostOf(url)) !== 0 && !isPublicAddress(hostOf(url))
  const lookup = options.allowPrivate ? options.lookup : publicLookup(options.lookup)

  const post = (body: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const requestOptions: RequestOptions = {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        ...(lookup === undefined ? {} : { lookup: lookup }),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-authctl-signature': signWebhook(options.secret, Math.floor(options.now() / 1000), body),
        },
      }
      const request = send(url, requestOptions, (response) => {
        resolve(response.statusCode ?? 0)
        response.destroy()
      })
      request.on('error', reject)
      request.end(body)
    })

  return {
    name: 'webhook',
    send: async (message) => {
      if (refusesLiteral) return { kind: 'misconfigured', detail: 'the webhook is not on a public address' }
      try {
        return outcomeOf(await post(bodyOf(message)))
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
        if (code === PRIVATE_TARGET)
          return { kind: 'misconfigured', detail: 'the webhook does not resolve to public addresses' }
        return { kind: 'unavailable', detail: `no answer: ${code}` }
      }
    },
  }
}
