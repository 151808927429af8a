import { createClient } from '@authctl/sdk'
import { authctl } from '@authctl/sdk/next'
import { createTokenMinter } from '@authctl/sdk/testing'

/** A worker that knows who asks: its module is the bundle, as edge runtimes load it. */
const run = async () => {
  const { issuer, keys, mint } = await createTokenMinter()
  const answer = async () => new Response('{"allowed":true,"decision":"allow"}')
  const client = createClient({ baseUrl: issuer, accessToken: 'a.b.c', fetch: answer })
  const auth = authctl({ issuer, keys, client })
  const handler = auth.require('orders:Read', 'order/1')((request) => new Response(request.auth.role))
  const request = new Request('http://x/', { headers: { authorization: `Bearer ${await mint()}` } })
  return (await handler(request)).text()
}
globalThis.result = run()
