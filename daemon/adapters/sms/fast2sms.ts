import { setTimeout as sleep } from 'node:timers/promises'
import type { Got, RequestPromise, Response } from 'got'
import type { SmsOutcome, SmsSender } from '../../ports/sms.ts'
import { watchConnection } from './connection.ts'

const TIMEOUT_MS = 5000
const MAX_ANSWER_BYTES = 64 * 1024
/** The share of a message's time that one try at a connection may use, so that a second one fits. */
const CONNECT_SHARE = 0.4
/** Between the two tries: a provider that restarts refuses connections for a moment. */
const RETRY_PAUSE_MS = 250

const MISCONFIGURED: ReadonlySet<number> = new Set([
  401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 424, 425, 426, 500, 990, 996, 998, 999,
]) // prettier-ignore

const DEFECT = 'a defect in authctl, please report it'

/**
 * Fast2SMS's own code as our failure. 997 (a code that is not numeric) would be our defect; the operator is
 * told.
 */
const failureOf = (code: number | undefined): SmsOutcome => {
  if (code === 411) return { kind: 'rejected', detail: 'provider code 411: the number is not valid' }
  if (code === 995)
    return { kind: 'throttled', detail: 'provider code 995: too many messages to this number' }
  if (code === 416)
    return {
      kind: 'unavailable',
      detail: 'provider code 416: the wallet is empty, top it up',
      needsOperator: true,
    }
  if (code === 997) return { kind: 'misconfigured', detail: `provider code 997: ${DEFECT}` }
  if (code !== undefined && MISCONFIGURED.has(code))
    return { kind: 'misconfigured', detail: `provider code ${code}` }
  return {
    kind: 'unavailable',
    detail: code === undefined ? 'the provider answered without a code' : `provider code ${code}`,
  }
}

/** The account at Fast2SMS and how it sends. */
export interface Fast2smsOptions {
  readonly apiKey: string
  readonly baseUrl: string
  readonly route: 'otp' | 'dlt'
  readonly senderId?: string
  readonly messageId?: string
  /** The DLT template has the code a second time, in its last line `@host #{#var#}`. */
  readonly endsInCode?: boolean
  /** For a message, both tries together; at most, and by default, 5 s. */
  readonly timeoutMs?: number
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parse = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * What became of a message whose request went out. Only a clear yes is `sent` and only a clear no is a
 * failure; anything else leaves open whether the message is on its way. An HTTP error below 500 without a
 * body that can be read was refused at the door, before anybody sent anything.
 */
const readAnswer = ({ statusCode, body: text }: Response<string>): SmsOutcome => {
  const body = parse(text)
  const isSuccess = statusCode >= 200 && statusCode < 300
  if (isSuccess && body?.['return'] === true) {
    const id = body['request_id']
    return { kind: 'sent', providerId: typeof id === 'string' ? id.slice(0, 64) : null }
  }
  if (body === undefined && statusCode >= 300 && statusCode < 500)
    return { kind: 'unavailable', detail: `HTTP ${statusCode} with a body that is not JSON` }
  if (body?.['return'] !== false)
    return { kind: 'unknown', detail: `HTTP ${statusCode} without a clear answer`, isSilent: true }
  // Codes have three digits. Anything else could be an echo of what was sent, and would end in the log.
  const [code] = /^\d{3}$/.exec(String(body['status_code'])) ?? []
  return failureOf(code === undefined ? undefined : Number(code))
}

const readBalance = (response: Response<string>): number | undefined => {
  const body = response.statusCode === 200 ? parse(response.body) : undefined
  const wallet = body?.['return'] === true ? body['wallet'] : undefined
  if (typeof wallet !== 'number' && (typeof wallet !== 'string' || wallet.trim() === '')) return undefined
  return Number.isFinite(Number(wallet)) ? Number(wallet) : undefined
}

/** The ten digits of an Indian number; undefined for any other. */
const indianDigits = (phone: string): string | undefined => /^\+91(\d{10})$/.exec(phone)?.[1]

const createHttp = async ({ apiKey, baseUrl }: Fast2smsOptions): Promise<Got> => {
  const { default: got } = await import('got')
  // An import would read every export of the module, and one of them loads a client that is not used.
  const { Agent: HttpAgent } = process.getBuiltinModule('node:http')
  const { Agent: HttpsAgent } = process.getBuiltinModule('node:https')
  return got.extend({
    prefixUrl: `${baseUrl}/dev`,
    // A connection for each message: of one that is reused nobody knows whether a request was taken.
    agent: { http: new HttpAgent(), https: new HttpsAgent() },
    headers: { authorization: apiKey, accept: 'application/json' },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    responseType: 'text',
  })
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? 'unknown'

class TooLarge extends Error {}

/** A request that brought no answer, and whether it may have been written. */
class NoAnswer extends Error {
  readonly wasConnected: boolean

  constructor(cause: unknown, wasConnected: boolean) {
    super('no answer', { cause })
    this.wasConnected = wasConnected
  }
}

/** Waits for an answer, and gives it up as soon as it is longer than any real one. */
const receive = async (
  start: (signal: AbortSignal) => RequestPromise<Response<string>>,
): Promise<Response<string>> => {
  const stop = new AbortController()
  const answer = start(stop.signal)
  let wasConnected = (): boolean => false
  void answer.on('request', (request) => (wasConnected = watchConnection(request)))
  void answer.on('downloadProgress', ({ transferred }) => {
    if (transferred > MAX_ANSWER_BYTES) stop.abort()
  })
  return answer.catch((error: unknown) => {
    throw new NoAnswer(stop.signal.aborted ? new TooLarge() : error, wasConnected())
  })
}

const explain = (error: unknown): SmsOutcome => {
  const { cause, wasConnected } = error instanceof NoAnswer ? error : new NoAnswer(error, true)
  return {
    kind: wasConnected ? 'unknown' : 'unavailable',
    detail: cause instanceof TooLarge ? 'the answer is too large' : `no answer: ${codeOf(cause)}`,
    isSilent: true,
  }
}

/**
 * Sends codes through Fast2SMS (`POST /dev/bulkV2`, key in the `authorization` header, never in the URL), one
 * number a request. Tries again once, and only when no connection was ever established; the provider knows
 * no id by which it would recognise a second request. The client is loaded
 * with the first message.
 */
export const createFast2sms = (
  options: Fast2smsOptions,
): SmsSender & { walletBalance(): Promise<number | undefined> } => {
  const timeoutMs = Math.min(options.timeoutMs ?? TIMEOUT_MS, TIMEOUT_MS)
  let loading: Promise<Got> | undefined
  const http = () => (loading ??= createHttp(options))

  const timeoutUntil = (deadline: number) => {
    const left = Math.max(1, Math.round(deadline - performance.now()))
    const connect = Math.max(1, Math.min(left, Math.round(timeoutMs * CONNECT_SHARE)))
    return { request: left, lookup: connect, connect }
  }

  const repeatsCode = options.route === 'dlt' && options.endsInCode === true

  const formOf = (digits: string, code: string): Record<string, string> => ({
    route: options.route,
    variables_values: repeatsCode ? `${code}|${code}` : code,
    numbers: digits,
    ...(options.route === 'dlt'
      ? { sender_id: options.senderId ?? '', message: options.messageId ?? '' }
      : {}),
  })

  const post = async (form: Record<string, string>, deadline: number): Promise<SmsOutcome> => {
    const client = await http()
    const timeout = timeoutUntil(deadline)
    return readAnswer(await receive((signal) => client.post('bulkV2', { form, signal, timeout })))
  }

  const postTwiceAtMost = async (form: Record<string, string>): Promise<SmsOutcome> => {
    await http()
    const deadline = performance.now() + timeoutMs
    try {
      return await post(form, deadline)
    } catch (error) {
      if (
        !(error instanceof NoAnswer) ||
        error.wasConnected ||
        performance.now() + RETRY_PAUSE_MS >= deadline
      )
        throw error
    }
    await sleep(RETRY_PAUSE_MS)
    return post(form, deadline)
  }

  return {
    name: 'fast2sms',
    send: async ({ phone, code }) => {
      const digits = indianDigits(phone)
      if (digits === undefined) return { kind: 'rejected', detail: 'Fast2SMS sends to Indian numbers only' }
      if (!/^\d+$/.test(code)) return { kind: 'misconfigured', detail: `the code is not digits: ${DEFECT}` }
      return postTwiceAtMost(formOf(digits, code)).catch(explain)
    },
    /** The wallet's balance in rupees; undefined when the provider does not tell. */
    walletBalance: async () => {
      try {
        const client = await http()
        const timeout = timeoutUntil(performance.now() + timeoutMs)
        return readBalance(await receive((signal) => client.get('wallet', { signal, timeout })))
      } catch {
        return undefined
      }
    },
  }
}
