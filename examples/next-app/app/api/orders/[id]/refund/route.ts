import { auth } from '../../../../../lib/auth.ts'

interface Context {
  readonly params: Promise<{ id: string }>
}

const mayRefund = auth.require(
  'orders:Refund',
  async (_request, { params }: Context) => `order/${(await params).id}`,
  {
    context: async (request) => {
      const { total } = (await request.clone().json()) as { total: unknown }
      return { 'orders.total': Number(total) }
    },
  },
)

/** A refund needs the policies' consent. */
export const POST = mayRefund(async (request, { params }) =>
  Response.json({ refunded: (await params).id, by: request.auth.accountId ?? request.auth.applicationId }),
)
