import { createClient } from '@authctl/sdk'
import { authctl as guardExpress } from '@authctl/sdk/express'
import { authctl as guardFastify } from '@authctl/sdk/fastify'
import { authctl as guardHono, type GuardedEnv } from '@authctl/sdk/hono'
import { createTokenMinter } from '@authctl/sdk/testing'
import express from 'express'
import { fastify, type FastifyRequest } from 'fastify'
import { Hono } from 'hono'

const { issuer, keys } = await createTokenMinter({ audience: 'shop' })
const options = { issuer, keys, client: createClient({ baseUrl: issuer }) }

const onExpress = guardExpress(options)
express()
  .use(onExpress)
  .post(
    '/orders/:id',
    onExpress.require('orders:Refund', ({ params }: express.Request) => `order/${String(params['id'])}`),
    ({ auth }, response) => {
      const account: string | undefined = auth?.accountId
      response.json({ account })
    },
  )

const onFastify = guardFastify(options)
type Order = FastifyRequest<{ Params: { id: string } }>
const app = fastify()
await app.register(onFastify)
app.get('/', { preHandler: onFastify.require('orders:List', 'order/*') }, ({ auth }) => auth?.role)
const preHandler = onFastify.require<Order>('orders:Read', ({ params }) => `order/${params.id}`)
app.get('/:id', { preHandler }, (request: Order) => request.auth?.sessionId)

const onHono = guardHono(options)
new Hono<GuardedEnv>().use(onHono).get(
  '/:id',
  onHono.require('orders:Read', ({ req }) => `order/${req.param('id')}`, {
    context: async () => ({ total: 1 }),
  }),
  (context) =>
    context.text(
      context.var.auth.role === 'application' ? context.var.auth.ownerId : context.var.auth.accountId,
    ),
)
