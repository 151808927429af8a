import { type Account, ApiError, createClient, type ErrorCode } from '@authctl/sdk'
import { authctl as guard } from '@authctl/sdk/next'
import { createVerifier, InvalidTokenError, type Auth } from '@authctl/sdk/server'
import { createTokenMinter } from '@authctl/sdk/testing'

const authctl = createClient({ baseUrl: 'http://x' })
export const run = async (): Promise<Account> => {
  const sent = await authctl.otp.send({ number: '+919876543210' })
  const seconds: number = sent.expires_in
  const { account } = await authctl.users.login(
    { number: '+919876543210', otp: String(seconds) },
    { timeoutMs: 1 },
  )
  for await (const item of await authctl.accounts.list({ role: 'client' }))
    if (item.status === 'disabled') return item
  return account
}
export const explain = (error: unknown): ErrorCode | undefined =>
  error instanceof ApiError && error.code === 'rate_limited' ? error.code : undefined
// @ts-expect-error: a field of this name does not exist
void authctl.otp.send({ phone: '1' })
// @ts-expect-error: roles are a closed set
void authctl.accounts.list({ role: 'boss' })

const verifier = createVerifier({ issuer: 'https://auth.example.com', timeoutMs: 1000 })
export const roleOf = async (token: string): Promise<Auth['role'] | undefined> => {
  try {
    return (await verifier.verify(token)).role
  } catch (error) {
    if (error instanceof InvalidTokenError && error.fault === 'expired') return undefined
    throw error
  }
}
// @ts-expect-error: the issuer must be known
createVerifier({})

export const mint = async () => (await createTokenMinter({ audience: 'shop' })).mint({ role: 'client' })

const onNext = guard({ issuer: 'https://auth.example.com', client: authctl })
export const { proxy } = onNext
export const GET = onNext((request) => Response.json(request.auth.role))
export const POST = onNext.require(
  'orders:Refund',
  async (_request, { params }: { params: Promise<{ id: string }> }) => `order/${(await params).id}`,
)(async (request, { params }) => Response.json({ ...(await params), by: request.auth.accountId }))
// @ts-expect-error: a context is values of keys
onNext.require('orders:Refund', 'order/1', { context: 1 })
