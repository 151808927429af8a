import { createClient } from '@authctl/sdk'
import { authctl, type GuardedEnv } from '@authctl/sdk/hono'
import { Hono } from 'hono'

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
export const createApp = async (settings: ShopSettings): Promise<Hono<GuardedEnv>> => {
  const { issuer, baseUrl, username, password } = settings
  const client = createClient({ baseUrl })
  await client.admins.login({ username, password })
  const auth = authctl({ issuer, client, jwksUrl: `${baseUrl}/.well-known/jwks.json` })

  const app = new Hono<GuardedEnv>()
  app.use(auth)
  app.get('/api/me', (context) => context.json(context.var.auth))

  const mayRefund = auth.require('orders:Refund', ({ req }) => `order/${req.param('id')}`, {
    context: async ({ req }) => ({ 'orders.total': Number((await req.json<{ total: unknown }>()).total) }),
  })
  app.post('/api/orders/:id/refund', mayRefund, (context) =>
    context.json({
      refunded: context.req.param('id'),
      by: context.var.auth.accountId ?? context.var.auth.applicationId,
    }),
  )
  return app
}
