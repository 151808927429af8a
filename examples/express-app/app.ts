import { createClient } from '@authctl/sdk'
import { authctl } from '@authctl/sdk/express'
import express from 'express'

/** Where the daemon is, and the account by which the shop asks it. */
export interface ShopSettings {
  /** The daemon's `PUBLIC_URL`, as it stands in the tokens. */
  readonly issuer: string
  /** Where the daemon is reached from here. */
  readonly baseUrl: string
  readonly username: string
  readonly password: string
}

/** A shop: everybody who is signed in sees who they are, and a refund needs the policies' consent. */
export const createApp = async (settings: ShopSettings): Promise<express.Express> => {
  const { issuer, baseUrl, username, password } = settings
  const client = createClient({ baseUrl })
  await client.admins.login({ username, password })
  const auth = authctl({ issuer, client, jwksUrl: `${baseUrl}/.well-known/jwks.json` })

  const app = express()
  app.use(express.json(), auth)
  app.get('/api/me', (request, response) => {
    response.json(request.auth)
  })
  app.post(
    '/api/orders/:id/refund',
    auth.require('orders:Refund', (request: express.Request) => `order/${String(request.params['id'])}`, {
      context: ({ body }: express.Request) => ({
        'orders.total': Number((body as { total?: unknown }).total),
      }),
    }),
    (request, response) => {
      response.json({
        refunded: request.params.id,
        by: request.auth?.accountId ?? request.auth?.applicationId,
      })
    },
  )
  return app
}
