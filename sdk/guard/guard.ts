import { ArgumentError } from '../errors.ts'
import { DaemonUnavailableError } from '../server/ask.ts'
import { KeysUnavailableError } from '../server/keys.ts'
import type { ApplicationAuth, Auth } from '../server/token.ts'
import { createVerifier, InvalidTokenError, type VerifierOptions } from '../server/verifier.ts'
import {
  type Ask,
  askerOf,
  defectOf,
  type Deciders,
  isPassing,
  isUnknown,
  pointerOf,
  type PolicyContext,
  type PolicyDecision,
  type Question,
} from './ask.ts'
import { createOwnQuestion } from './own-question.ts'
import {
  AUTHENTICATION_REQUIRED,
  forbidden,
  INVALID_TOKEN,
  type Refusal,
  UNAVAILABLE,
  unaskable,
} from './refusal.ts'

/** What a guard is made of: a verifier's options, and who decides what needs a permission. */
export interface GuardOptions extends VerifierOptions, Deciders {
  /**
   * What `require` does with an application. `ask` the daemon at the issuer, with the application's own token
   * (default): only the daemon knows its policies and its scope. Or `deny` it.
   */
  readonly applications?: 'ask' | 'deny' | undefined
}

/** A value, or what makes it of a request; it may take its time. */
export type Of<Args extends readonly unknown[], T> = T | ((...args: Args) => T | Promise<T>)

/** What is asked beside the action. */
export interface RequireOptions<Args extends readonly unknown[]> {
  readonly context?: Of<Args, PolicyContext> | undefined
}

/** Who asks, or the answer that ends the request. */
export type Authentication =
  | { readonly auth: Auth; readonly refusal?: undefined }
  | { readonly auth?: undefined; readonly refusal: Refusal }

/** Whether who asks may go on: undefined, or the answer that ends the request. */
export type Permission<Args extends readonly unknown[]> = (
  auth: Auth | undefined,
  ...args: Args
) => Promise<Refusal | undefined>

/** What every framework's guard does; an adapter reads the request and writes the answer. */
export interface Core {
  /** By all `Authorization` headers of a request: it is refused if there are several, whichever is good. */
  readonly authenticate: (authorization: readonly string[]) => Promise<Authentication>
  /** Throws `ArgumentError` if there is nobody to decide. The permission rejects with defects only. */
  readonly permission: <Args extends readonly unknown[]>(
    action: string,
    resource: Of<Args, string>,
    options?: RequireOptions<Args>,
  ) => Permission<Args>
}

const BEARER = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i

const valueOf = <Args extends readonly unknown[], T>(of: Of<Args, T>, args: Args): T | Promise<T> =>
  typeof of === 'function' ? (of as (...args: Args) => T | Promise<T>)(...args) : of

const decide = async (ask: Ask, question: Question): Promise<Refusal | undefined> => {
  let decision: PolicyDecision
  try {
    decision = await ask(question)
  } catch (error) {
    if (isPassing(error)) return UNAVAILABLE
    if (isUnknown(error)) return forbidden(undefined)
    const pointer = pointerOf(error)
    if (pointer !== undefined) return unaskable(pointer)
    throw defectOf(error)
  }
  if (decision.allowed === true) return undefined
  return decision.pointer ? unaskable(decision.pointer) : forbidden(decision.decision_id ?? undefined)
}

type Decide = (question: Omit<Question, 'principal'>) => Promise<Refusal | undefined>
const DENY: Decide = async () => forbidden(undefined, 'applications: deny')

/** The tokens of the applications whose requests are being answered. */
const tokens = /* @__PURE__ */ new WeakMap<ApplicationAuth, string>()

/** Each request has an application of its own, so that its token is kept no longer than the request. */
const withToken = (auth: Auth, token: string): Auth => {
  if (auth.role !== 'application') return auth
  const own = Object.freeze({ ...auth })
  tokens.set(own, token)
  return own
}

/** Makes what the guards of all frameworks share. */
export const createCore = ({ client, decider, applications = 'ask', ...options }: GuardOptions): Core => {
  const verifier = createVerifier(options)
  const ask = askerOf({ client, decider })
  const askAsItself = createOwnQuestion(options)

  /** What decides about who asks, by who asks. */
  const deciderOf = (by: Ask, auth: Auth | undefined): Decide => {
    if (auth?.role === 'application') {
      const token = tokens.get(auth)
      if (token !== undefined)
        return applications === 'deny' ? DENY : (question) => askAsItself(token, question)
    } else if (typeof auth?.accountId === 'string') {
      const { accountId } = auth
      return (question) => decide(by, { principal: accountId, ...question })
    }
    // What others put there may name nobody, and of nobody the daemon takes the client itself to be asked
    // about.
    throw new ArgumentError('put authctl() before require(): nobody has said who asks')
  }

  return {
    authenticate: async (authorization) => {
      const [value = ''] = authorization
      // Who tries another way has sent no token (RFC 6750 section 3.1).
      if (!/^Bearer/i.test(value)) return { refusal: AUTHENTICATION_REQUIRED }
      const token = authorization.length === 1 ? BEARER.exec(value)?.[1] : undefined
      if (token === undefined) return { refusal: INVALID_TOKEN }
      try {
        return { auth: withToken(await verifier.verify(token), token) }
      } catch (error) {
        if (error instanceof InvalidTokenError) return { refusal: INVALID_TOKEN }
        if (error instanceof KeysUnavailableError || error instanceof DaemonUnavailableError)
          return { refusal: UNAVAILABLE }
        throw error
      }
    },
    permission: (action, resource, { context } = {}) => {
      if (ask === undefined)
        throw new ArgumentError('require needs a client or a decider: authctl({ issuer, client })')
      return async (auth, ...args) => {
        const decideAbout = deciderOf(ask, auth)
        return decideAbout({
          action,
          resource: await valueOf(resource, args),
          ...(context === undefined ? {} : { context: await valueOf(context, args) }),
        })
      }
    },
  }
}
