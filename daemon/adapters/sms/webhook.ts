import { createHmac } from 'node:crypto'
import type { RequestOptions } from 'node:http'
import { isIP } from 'node:net'
import { smsText, type SmsHosts } from '../../domain/sms-text.ts'
import type { SmsMessage, SmsOutcome, SmsSender } from '../../ports/sms.ts'
import { watchConnection } from './connection.ts'
import { isPublicAddress, PRIVATE_TARGET, publicLookup, type Lookup } from './public-address.ts'

// An import would read every export of the module, and one of them loads a client that is not used.
const { request: httpRequest } = process.getBuiltinModule('node:http')
const { request: httpsRequest } = process.getBuiltinModule('node:https')

const TIMEOUT_MS = 5000

/** Where messages are posted and how they are signed. */
export interface WebhookOptions {
  readonly url: string
  /** Key of the signature. */
  readonly secret: string
  /** Allow loopback, private and link-local targets. */
  readonly allowPrivate: boolean
  /** The pages that codes are bound to. Default: none. */
  readonly hosts?: SmsHosts
  readonly now: () => number
  /** At most, and by default, 5 s. */
  readonly timeoutMs?: number
  /** Replaces the system's resolver. */
  readonly lookup?: Lookup
}

/** What the status says. 502 and 504 come from a proxy that lost the answer of the endpoint behind it. */
const outcomeOf = (status: number): SmsOutcome => {
  if (status >= 200 && status < 300) return { kind: 'sent', providerId: null }
  const detail = `the webhook answered ${status}`
  if (status === 422) return { kind: 'rejected', detail }
  if (status === 429) return { kind: 'throttled', detail }
  if (status === 502 || status === 504) return { kind: 'unknown', detail, isSilent: true }
  if (status === 503) return { kind: 'unavailable', detail, isSilent: true }
  if (status === 408 || status >= 500) return { kind: 'unavailable', detail }
  return { kind: 'misconfigured', detail }
}

/**
 * The key of a secret: what follows `whsec_` is base64, as in Standard Webhooks; any other is taken as it is.
 */
const keyOf = (secret: string): Buffer =>
  secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret)

/** What is signed, and when. */
export interface SignedText {
  readonly id: string
  readonly unixSeconds: number
  readonly body: string
}

const signature = (key: Buffer | string, text: string, encoding: 'base64' | 'hex'): string =>
  createHmac('sha256', key).update(text).digest(encoding)

/**
 * The headers that prove a body, as Standard Webhooks 1.0 has them: `webhook-signature` is `v1,` and the
 * base64 HMAC-SHA-256 over `id.timestamp.body`. `x-authctl-signature` is the form before it, without the id.
 */
export const signWebhook = (secret: string, { id, unixSeconds, body }: SignedText) => ({
  'webhook-id': id,
  'webhook-timestamp': String(unixSeconds),
  'webhook-signature': `v1,${signature(keyOf(secret), `${id}.${unixSeconds}.${body}`, 'base64')}`,
  'x-authctl-signature': `t=${unixSeconds},v1=${signature(secret, `${unixSeconds}.${body}`, 'hex')}`,
})

/** The text is left out, as what is undefined is, where no page is known. */
const bodyOf = (message: SmsMessage, hosts: SmsHosts): string =>
  JSON.stringify({
    id: message.id,
    number: message.phone,
    code: message.code,
    purpose: message.purpose,
    client_id: message.applicationId,
    expires_at: new Date(message.expiresAt).toISOString(),
    text: smsText(hosts, message),
  })

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

const explain = (error: NodeJS.ErrnoException, wasConnected: boolean): SmsOutcome => {
  if (error.code === PRIVATE_TARGET)
    return { kind: 'misconfigured', detail: 'the webhook does not resolve to public addresses' }
  return {
    kind: wasConnected ? 'unknown' : 'unavailable',
    detail: `no answer: ${error.code ?? 'unknown'}`,
    isSilent: true,
  }
}

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

  const post = ({ id, traceparent }: SmsMessage, body: string): Promise<SmsOutcome> =>
    new Promise((resolve) => {
      const requestOptions: RequestOptions = {
        method: 'POST',
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
        ...(lookup === undefined ? {} : { lookup: lookup }),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          ...(traceparent === undefined ? {} : { traceparent }),
          ...signWebhook(options.secret, { id, unixSeconds: Math.floor(options.now() / 1000), body }),
        },
      }
      const request = send(url, requestOptions, (response) => {
        resolve(outcomeOf(response.statusCode ?? 0))
        response.destroy()
      })
      const wasConnected = watchConnection(request)
      request.on('error', (error) => resolve(explain(error, wasConnected())))
      // An answer that changes the protocol (101) ends the connection without an error.
      request.on('close', () => resolve(explain({ name: '', message: '', code: 'closed' }, wasConnected())))
      request.end(body)
    })

  return {
    name: 'webhook',
    send: async (message) => {
      if (refusesLiteral) return { kind: 'misconfigured', detail: 'the webhook is not on a public address' }
      return post(message, bodyOf(message, options.hosts ?? {}))
    },
  }
}
