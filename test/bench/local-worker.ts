import { createClient } from '../../sdk/index.ts'
import { createDecider } from '../../sdk/local/index.ts'
import { urlOf } from '../support/fetched.ts'

/*
 * A process with a decider of its own that says when a policy takes effect in it. Its one argument is JSON:
 * the daemons in the order in which they are asked, the issuer, a token, and a question.
 */

interface Start {
  readonly urls: readonly string[]
  readonly issuer: string
  readonly token: string
  readonly principal: string
}

const { urls, issuer, token, principal } = JSON.parse(process.argv[2] ?? '') as Start

/** As a balancer does: the next daemon where one cannot be reached. */
const anyOf: typeof fetch = async (input, init) => {
  const { pathname, search } = new URL(urlOf(input))
  let failure: unknown
  for (const url of urls)
    try {
      return await fetch(url + pathname + search, init)
    } catch (error) {
      failure = error
      if (init?.signal?.aborted === true) break
    }
  throw failure
}

const client = createClient({ baseUrl: issuer, accessToken: token, fetch: anyOf })
const decider = createDecider({ client, issuer, fetch: anyOf, services: ['orders'] })
await decider.ready()
await decider.load(principal)

/** Answers when the decision is the expected one, in epoch milliseconds. */
process.on('message', ({ expected }: { expected: boolean }) => {
  const look = (): void => {
    const { allowed, source } = decider.decide(principal, 'orders:Read', 'order/1')
    if (source === 'nobody') void decider.load(principal).catch(() => undefined)
    if (allowed === expected && source === 'process') process.send?.({ at: Date.now() })
    else setTimeout(look, 1)
  }
  look()
})
process.on('disconnect', () => void decider.close().then(() => process.exit(0)))
process.send?.({ ready: true })
