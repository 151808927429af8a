import type { Application, ServiceKey } from '../../domain/application.ts'
import type { ApplicationChanges } from '../../ports/stores/index.ts'

/** An application before a change that is taken back, as the change left it, and as it is by now. */
interface Unwriting {
  readonly before: Application
  readonly changed: Application
  readonly present: Application
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/**
 * The policies and public keys that a change gave are taken back, and what somebody else has given since
 * stays: that was judged by itself. No key that the change brought is left in any case.
 */
export const unwritten = ({ before, changed, present }: Unwriting): ApplicationChanges => {
  const idsOf = ({ publicKeys }: Application): string[] => publicKeys.map(({ id }) => id)
  const brought = idsOf(changed).filter((id) => !idsOf(before).includes(id))
  return {
    policies: isSame(present.policies, changed.policies) ? before.policies : present.policies,
    publicKeys: isSame(idsOf(present), idsOf(changed))
      ? before.publicKeys
      : present.publicKeys.filter(({ id }) => !brought.includes(id)),
  }
}

/** The service keys without one that a rotation gave; those that it alone let end do so as before. */
export const keysWithout = (key: ServiceKey, { before, changed, present }: Unwriting): ServiceKey[] =>
  present.keys
    .filter(({ id }) => id !== key.id)
    .map((each) => {
      const [was, left] = [before, changed].map(({ keys }) => keys.find(({ id }) => id === each.id))
      return was !== undefined && left?.expiresAt === each.expiresAt
        ? { ...each, expiresAt: was.expiresAt }
        : each
    })
