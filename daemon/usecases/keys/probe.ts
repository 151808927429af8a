import type { AccountId } from '../../domain/account.ts'
import type { SessionId } from '../../domain/session.ts'
import type { Clock } from '../../ports/clock.ts'
import type { TokenSigner } from '../../ports/crypto.ts'

/**
 * Whether a token of a signer passes the verification of another one by the same keys, who does not know that
 * it was made here. The token names nobody and leaves nothing behind.
 */
export const signsVerifiably = async (make: () => TokenSigner, clock: Clock): Promise<boolean> => {
  const now = clock.now()
  const issuedAt = Math.floor(now / 1000)
  const nobody = {
    sub: 'probe' as AccountId,
    sid: 'probe' as SessionId,
    role: 'user',
    applicationId: 'probe',
  } as const
  const token = make().sign({ ...nobody, issuedAt, expiresAt: issuedAt + 1 })
  return (await make().verify(token, { now, ignoreExpiry: false })) !== undefined
}
