import type { Got, Response } from 'got'
import type { SmsOutcome, SmsSender } from '../../ports/sms.ts'

const TIMEOUT_MS = 5000
const MAX_ANSWER_BYTES = 64 * 1024
/** Failures before a connection existed: nothing can have been sent, so one more try is safe. */
const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

const MISCONFIGURED: ReadonlySet<number> = new Set([
  401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 412, 413, 414, 415, 424, 425, 426, 500, 990, 996, 998, 999,
]) // prettier-ignore

type FailureKind = Exclude<SmsOutcome['kind'], 'sent'>

/** Fast2SMS's own code as our failure (spec/sms.md). 997 (a code that is not numeric) would be our defect; the operator is told. */
const failureOf = (code: number | undefined): { kind: FailureKind; detail: string } => {
  if (code === 411) return { kind: 'rejected', detail: 'provider code 411: the number is not valid' }
  if (code === 995)
    return { kind: 'throttled', detail: 'provider code 995: too many messages to this number' }
  if (code === 416)
    return { kind: 'unavailable', detail: 'provider code 416: the wallet is empty, top it up' }
  if (code === 997)
    return { kind: 'misconfigured', detail: 'provider code 997: a defect in authctl, please report it' }
  if (code !== undefined && MISCONFIGURED.has(code))
    return { kind: 'misconfigured', detail: `provider code ${code}` }
  return {
    kind: 'unavailable',
    detail: code === undefined ? 'the provider answered without a code' : `provider code ${code}`,
  }
}

export interface Fast2smsOptions {
  readonly apiKey: string
  readonly baseUrl: string
  readonly route: 'otp' | 'dlt'
  readonly senderId?: string
  readonly messageId?: string
  /** For one try; at most, and by default, 5 s. */
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

const readAnswer = (response: Response<string>): SmsOutcome => {
  const body = parse(response.body)
  if (response.statusCode === 200 && body?.['return'] === true) {
    const id = body['request_id']
    return { kind: 'sent', providerId: typeof id === 'string' ? id.slice(0, 64) : null }
  }
  if (body === undefined)
    return { kind: 'unavailable', detail: `HTTP ${response.statusCode} with a body that is not JSON` }
  const code = Number(body['status_code'])
  return failureOf(Number.isInteger(code) ? code : undefined)
}

/** The ten digits of an Indian number; undefined for any other. */
const indianDigits = (phone: string): string | undefined => /^\+91(\d{10})$/.exec(phone)?.[1]

const createHttp = async ({ apiKey, baseUrl, timeoutMs = TIMEOUT_MS }: Fast2smsOptions): Promise<Got> => {
  const { default: got } = await import('got')
  return got.extend({
    prefixUrl: `${baseUrl}/dev`,
    headers: { authorization: apiKey, accept: 'application/json' },
    timeout: { request: Math.min(timeoutMs, TIMEOUT_MS) },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    responseType: 'text',
  })
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? 'unknown'

/**
 * Sends codes through Fast2SMS (`POST /dev/bulkV2`, key in the `authorization` header, never in the URL), one number a request. Tries again
 * once, and only when no connection was ever established. The client is loaded with the first message.
 */
export const createFast2sms = (
  options: Fast2smsOptions,
): SmsSender & { walletBalance(): Promise<number | undefined> } => {
  let loading: Promise<Got> | undefined
  const http = () => (loading ??= createHttp(options))

  const formOf = (digits: string, code: string): Record<string, string> => ({
    route: options.route,
    variables_values: code,
    numbers: digits,
    ...(options.route === 'dlt'
      ? { sender_id: options.senderId ?? '', message: options.messageId ?? '' }
      : {}),
  })

  const post = async (form: Record<string, string>): Promise<SmsOutcome> => {
    const response = await (await http()).post('bulkV2', { form })
    if (response.body.length > MAX_ANSWER_BYTES)
      return { kind: 'unavailable', detail: 'the answer is too large' }
    return readAnswer(response)
  }

  return {
    name: 'fast2sms',
    send: async ({ phone, code }) => {
      const digits = indianDigits(phone)
      if (digits === undefined) return { kind: 'rejected', detail: 'Fast2SMS sends to Indian numbers only' }
      const form = formOf(digits, code)
      try {
        return await post(form).catch((error: unknown) => {
          if (NEVER_CONNECTED.has(codeOf(error))) return post(form)
          throw error
        })
      } catch (error) {
        return { kind: 'unavailable', detail: `no answer: ${codeOf(error)}` }
      }
    },
    /** The wallet's balance in rupees; undefined when the provider does not tell. */
    walletBalance: async () => {
      try {
        const body = parse((await (await http()).get('wallet')).body)
        const balance = Number(body?.['wallet'])
        return body?.['return'] === true && Number.isFinite(balance) ? balance : undefined
      } catch {
        return undefined
      }
    },
  }
}
