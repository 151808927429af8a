// Run by each runtime that is there, with the address of a daemon and a code: it says `ok` when all is well.
import { createClient } from '@authctl/sdk'
import { createCoreClient, otp } from '@authctl/sdk/core'
import { debug } from '@authctl/sdk/hooks'
import { createVerifier } from '@authctl/sdk/server'
import { createSession, memoryStorage } from '@authctl/sdk/session'
import { createWebhooks } from '@authctl/sdk/webhooks'

const [baseUrl, issuer, number, code, delivery] = process.argv.slice(2)
const must = (holds, what) => {
  if (!holds) throw new Error(`${what} does not hold`)
}

const lines = []
const session = createSession({
  baseUrl,
  storage: memoryStorage(),
  middleware: [debug({ log: (line) => lines.push(line) })],
})
const states = []
session.onAuthStateChange(({ event }) => states.push(event))
const { account } = await session.signIn({ number, otp: code })
await session.client.tokens.refresh()
must((await session.client.auth.me()).id === account.id, 'who is signed in')
const verifier = createVerifier({ issuer, jwksUrl: `${baseUrl}/.well-known/jwks.json` })
must((await verifier.verify(await session.accessToken())).accountId === account.id, 'the verified token')
const places = await (await session.client.places.list()).all({ max: 1 })
must(Array.isArray(places), 'a list')
await session.signOut()
must((await session.accessToken()) === undefined, 'the sign-out')
must(states[0] === 'initial' && states.includes('signed_in'), 'what listeners hear')
must(lines.length > 5 && !lines.join().includes(code), 'what debugging writes')
session.dispose()

const client = createClient({ baseUrl, retries: 0 })
const refused = await client.auth.me().catch((error) => error)
must(refused.code === 'not_signed_in', 'an error')
client.dispose()
must((await client.system.info().catch((error) => error)).code === 'aborted', 'the end of a client')
must(typeof createCoreClient({ baseUrl }, { otp }).otp.send === 'function', 'a small client')

const { headers, body, secret, at } = JSON.parse(delivery)
const event = await createWebhooks({ secrets: [secret], now: () => at }).verify({ headers, body })
must(event.code === '1', 'a webhook')
console.log('ok')
