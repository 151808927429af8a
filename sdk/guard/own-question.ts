import { createCallAs, DaemonUnavailableError } from '../server/ask.ts'
import type { KeySetOptions } from '../server/key-set.ts'
import { type Question, refusedQuestion } from './ask.ts'
import { forbidden, INVALID_TOKEN, type Refusal, UNAVAILABLE, unaskable } from './refusal.ts'

/** What of the daemon's answer is read; nothing of it is taken for granted. */
interface Answer {
  readonly allowed?: unknown
  readonly decision_id?: unknown
  readonly errors?: readonly { readonly pointer?: unknown }[]
}

const refusalBy = async (response: Response): Promise<Refusal | undefined | Error> => {
  const { status } = response
  const answer = (await response.json().catch(() => null)) as Answer | null
  if (status === 200 && answer?.allowed === true) return undefined
  if (status === 200 || status === 403) {
    const id = answer?.decision_id
    return forbidden(typeof id === 'string' ? id : undefined)
  }
  if (status === 401) return INVALID_TOKEN
  // Below 400 it is a redirect, which browsers show as 0.
  if (status === 429 || status >= 500 || status < 400) return UNAVAILABLE
  const pointer = status === 400 ? answer?.errors?.[0]?.pointer : undefined
  return typeof pointer === 'string' ? unaskable(pointer) : refusedQuestion(status)
}

/** What the route says of where, or when, an application asks: of itself nobody says that to the daemon. */
const saidForServer = ({ context = {} }: Pick<Question, 'context'>): string | undefined =>
  Object.keys(context).find((key) => key.startsWith('request.'))

/**
 * Makes what has the daemon decide about an application, asked with its own token: only so its policies and
 * its scope count. Answers undefined, or the answer that ends the request; rejects with defects only.
 */
export const createOwnQuestion = (options: KeySetOptions) => {
  const call = createCallAs(options)
  return async (token: string, question: Omit<Question, 'principal'>): Promise<Refusal | undefined> => {
    const said = saidForServer(question)
    if (said !== undefined)
      return forbidden(undefined, `the route's context says ${said}: applications are not asked about it`)
    try {
      const outcome = await call({ token, path: '/access/check', body: question }, refusalBy)
      if (outcome instanceof Error) throw outcome
      return outcome
    } catch (error) {
      if (error instanceof DaemonUnavailableError) return UNAVAILABLE
      throw error
    }
  }
}
