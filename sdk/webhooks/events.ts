import { WebhookError } from './fault.ts'

/** A one-time code that is to be sent to a phone. It is a secret until it expires: do not log it. */
export interface CodeToSend {
  readonly type: 'sms.code'
  /** The same for all tries of one code, and of no other. */
  readonly id: string
  /** E.164. */
  readonly number: string
  readonly code: string
  /** What the code is for, such as `sign-in`. */
  readonly purpose: string
  /** The application that the person signs in to. */
  readonly client_id: string
  /** RFC 3339: after it, sending makes no sense. */
  readonly expires_at: string
  /** The whole message, ready to be sent, where the daemon knows the page (`AUTHCTL_SMS_ORIGIN`). */
  readonly text?: string | undefined
}

/** Everything that the daemon tells by webhook, told apart by `type`. */
export type WebhookEvent = CodeToSend

const REQUIRED = ['id', 'number', 'code', 'purpose', 'client_id', 'expires_at'] as const

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isCode = (value: object): value is Omit<CodeToSend, 'type'> => {
  const fields = value as Readonly<Record<string, unknown>>
  return (
    REQUIRED.every((name) => typeof fields[name] === 'string') &&
    (fields['text'] === undefined || typeof fields['text'] === 'string')
  )
}

/** The event of a signed body. Throws `WebhookError` for one that is of no known kind. */
export const readEvent = (body: string): WebhookEvent => {
  const value = parse(body)
  if (typeof value !== 'object' || value === null || !isCode(value))
    throw new WebhookError('event', 'the body is no event that this version of the SDK knows')
  return { ...value, type: 'sms.code' }
}
