import { accountFacts, type Context } from '../../policies/index.ts'
import type { Account } from './account.ts'

export { principalFacts } from '../../policies/index.ts'

type Subject = Pick<Account, 'id' | 'role' | 'path' | 'attributes'>

/** `request.*` of a request from somewhere, now. */
export const circumstancesOf = ({ ip, now }: { ip: string | null; now: number }): Context => ({
  ...(ip === null ? {} : { 'request.ip': ip }),
  'request.time': Math.floor(now / 1000),
})

/** The context of a request to the daemon itself. */
export const requestContext = (caller: Subject, moment: { ip: string | null; now: number }): Context => ({
  ...accountFacts('caller', caller),
  ...circumstancesOf(moment),
})
