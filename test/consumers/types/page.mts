import { createClient } from '@authctl/sdk'
import { hooks } from '@authctl/sdk/hooks'
import { createSession } from '@authctl/sdk/session'

export const read = async (): Promise<string[]> => {
  await using client = createClient({
    baseUrl: 'http://x',
    middleware: [hooks({ onRetry: ({ attempt }) => attempt })],
  })
  await using session = createSession({ baseUrl: 'http://x' })
  session.onAuthStateChange(({ event, account }) => [event, account?.id])
  return (await (await client.accounts.list()).all({ max: 5 })).map(({ id }) => id)
}
// @ts-expect-error: a session is no client with a token of its own
createSession({ baseUrl: 'http://x', accessToken: 't' })
