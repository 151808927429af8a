import { requireAtLeast } from '../numbers.ts'
import { readEvent, type WebhookEvent } from './events.ts'
import { WebhookError } from './fault.ts'
import { memoryRecord, type DeliveryRecord } from './record.ts'
import { importSecret, isSigned, signaturesOf, type SecretKey } from './signature.ts'

/** A request of the daemon, as it came. */
export interface Delivery {
  /** Of `fetch` or of `node:http`; for another framework, those that begin with `webhook-` in lower case. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>
  /** The bytes of the body, or their text, before anything has parsed it. */
  readonly body: string | Uint8Array
}

/** What deliveries are checked by. */
export interface WebhooksOptions {
  /** Each of them is accepted: give the new and the old one while you rotate. */
  readonly secrets: readonly [string, ...string[]]
  /** How far the time of a delivery may be from this clock, at least 0. Default 300. */
  readonly toleranceSeconds?: number | undefined
  /** Which deliveries are done. Default: kept in this process. */
  readonly record?: DeliveryRecord | undefined
  /** Epoch milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** The receiving end of the daemon's webhooks. */
export interface Webhooks {
  /** The event of a delivery that is signed, and of now. Throws `WebhookError`. It may be a repeat. */
  readonly verify: (delivery: Delivery) => Promise<WebhookEvent>
  /**
   * Works on an event once, however often it is delivered: a repeat is `repeated`, and is to be answered with
   * success. Work that fails gives the event free for the next try of the daemon, and its error is thrown.
   */
  readonly once: (
    delivery: Delivery,
    work: (event: WebhookEvent) => Promise<unknown>,
  ) => Promise<'done' | 'repeated'>
}

/** A code lives ten minutes at most, and so does a delivery that waits. */
const REMEMBERED_MS = 600_000
const ID = /^[\x21-\x7e]{1,255}$/

const headerOf = ({ headers }: Delivery, name: string): string => {
  const value = headers instanceof Headers ? headers.get(name) : headers[name]
  if (typeof value !== 'string' || value === '')
    throw new WebhookError('headers', `the header ${name} is missing or repeated`)
  return value
}

const encode = (body: string | Uint8Array): Uint8Array =>
  typeof body === 'string' ? new TextEncoder().encode(body) : body

/** `id.timestamp.body`, over the bytes of the body as they came. */
const signedBytes = (id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`)
  const bytes = new Uint8Array(head.length + body.length)
  bytes.set(head)
  bytes.set(body, head.length)
  return bytes
}

/**
 * Receives what the daemon sends by webhook (Standard Webhooks 1.0): checks signature and time, and keeps
 * repeats apart. Throws `TypeError` without a secret, and `ArgumentError` for a tolerance that is no number
 * or below 0.
 */
export const createWebhooks = (options: WebhooksOptions): Webhooks => {
  const { secrets, toleranceSeconds = 300, now = Date.now, record = memoryRecord(now) } = options
  requireAtLeast(0, { toleranceSeconds })
  if (secrets.length === 0 || secrets.includes('')) throw new TypeError('a webhook needs a secret')
  let importing: Promise<SecretKey[]> | undefined
  const keys = (): Promise<SecretKey[]> => (importing ??= Promise.all(secrets.map(importSecret)))

  const verify = async (delivery: Delivery): Promise<WebhookEvent> => {
    const [id, timestamp] = [headerOf(delivery, 'webhook-id'), headerOf(delivery, 'webhook-timestamp')]
    if (!ID.test(id) || !/^\d{1,12}$/.test(timestamp))
      throw new WebhookError('headers', 'the id or the timestamp is none')
    const signatures = signaturesOf(headerOf(delivery, 'webhook-signature'))
    const body = encode(delivery.body)
    if (!(await isSigned(await keys(), signatures, signedBytes(id, timestamp, body))))
      throw new WebhookError('signature', 'no secret made this signature')
    // Judged when the signature is known: nobody else learns how far the clocks are apart.
    if (Math.abs(now() / 1000 - Number(timestamp)) > toleranceSeconds)
      throw new WebhookError('timestamp', `it was signed more than ${toleranceSeconds} s from now`)
    return readEvent(new TextDecoder().decode(body))
  }

  return {
    verify,
    once: async (delivery, work) => {
      const event = await verify(delivery)
      if (!(await record.take(event.id, REMEMBERED_MS))) return 'repeated'
      try {
        await work(event)
        return 'done'
      } catch (error) {
        await record.release(event.id)
        throw error
      }
    },
  }
}
