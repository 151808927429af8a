import type { AuthctlClient } from '@authctl/sdk'
import { probeVersion } from '../doctor/probe.ts'
import { localProblem, type Problem } from '../problem.ts'
import { ANSWERS, type JsonType } from './answers.gen.ts'

const PROBE_MS = 2000

/** Whether a daemon answers at a server; none does where nothing answers. */
export const isAuthctl = async (url: string): Promise<boolean> =>
  (await probeVersion(url, PROBE_MS)) !== undefined

/** Something else answers at the place of the daemon, such as a portal: no daemon was reached. */
export const notAuthctl = (url: string): Problem =>
  localProblem('not_authctl', `what answers at ${url} is not an authctl daemon`, undefined, 'unreachable')

const hasType = (value: unknown, type: JsonType): boolean => {
  if (type === 'any') return value !== undefined
  return Array.isArray(value) ? type === 'array' : value !== null && typeof value === type
}

/** Whether an answer has what every answer to the operation has. */
const isWhole = (operation: string, answer: unknown): boolean =>
  Object.entries(ANSWERS[operation] ?? {}).every(
    ([member, type]) =>
      typeof answer === 'object' && answer !== null && hasType(Reflect.get(answer, member), type),
  )

type Method = (...sent: unknown[]) => Promise<unknown>

/** A client of which every method of every resource is another: the operation is such as `policies.plan`. */
export const withMethods = (
  client: AuthctlClient,
  wrap: (operation: string, method: Method) => Method,
): AuthctlClient => {
  const wrapped = <T extends object>(resource: string, methods: T): T =>
    new Proxy(methods, {
      get: (target, name, receiver) => {
        const method: unknown = Reflect.get(target, name, receiver)
        if (typeof method !== 'function') return method
        return wrap(`${resource}.${String(name)}`, async (...sent): Promise<unknown> => {
          const answer: unknown = await Reflect.apply(method, undefined, sent)
          return answer
        })
      },
    })
  return new Proxy(client, {
    get: (target, name, receiver) => {
      const methods: unknown = Reflect.get(target, name, receiver)
      const isResource = typeof methods === 'object' && methods !== null && name !== 'session'
      return isResource ? wrapped(String(name), methods) : methods
    },
  })
}

/**
 * A client that takes no answer of another program for one of the daemon's. What an older daemon leaves out
 * is no reason. Throws `Problem` `not_authctl`.
 */
export const ownAnswers = (client: AuthctlClient, url: string): AuthctlClient => {
  let isKnown: Promise<boolean> | undefined
  return withMethods(client, (operation, method) => async (...sent) => {
    const answer = await method(...sent)
    if (isWhole(operation, answer) || (await (isKnown ??= isAuthctl(url)))) return answer
    throw notAuthctl(url)
  })
}
