import { createClient } from '@authctl/sdk'
import { authctl } from '@authctl/sdk/fastify'
import { fastify, type FastifyInstance, type FastifyRequest } from 'fastify'

/** Where the daemon is, and the account by which the shop asks it. */
export interface ShopSettings {
  /** The daemon's `PUBLIC_URL`, as it stands in the tokens. */
  readonly issuer: string
  /** Where the daemon is reached from here. */
  readonly baseUrl: string
  readonly username: string
  readonly password: string
}

type Refund = FastifyRequest<{ Params: { id: string }; Body: { total: number } }>

/** A shop: everybody who is signed in sees who they are, and a refund needs the policies' consent. */
export const createApp = async (settings: ShopSettings): Promise<FastifyInstance> => {
  const { issuer, baseUrl, username, password } = settings
  const client = createClient({ baseUrl })
  await client.admins.login({ username, password })
  const auth = authctl({ issuer, client, jwksUrl: `${baseUrl}/.well-known/jwks.json` })

  const app = fastify()
  await app.register(auth)
  app.get('/api/me', (request) => request.auth)

  const mayRefund = auth.require<Refund>('orders:Refund', ({ params }) => `order/${params.id}`, {
    context: ({ body }) => ({ 'orders.total': body.total }),
  })
  const body = { type: 'object', required: ['total'], properties: { total: { type: 'number' } } }
  app.post('/api/orders/:id/refund', { schema: { body }, preHandler: mayRefund }, (request: Refund) => ({
    refunded: request.params.id,
    by: request.auth?.accountId ?? request.auth?.applicationId,
  }))
  return app
}
