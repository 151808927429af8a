import { ACCOUNTS } from './accounts.ts'
import type { Face } from './face.ts'
import type { Journey } from './journey.ts'
import { POLICIES } from './policies.ts'

const JOURNEYS: readonly Journey[] = [
  ...ACCOUNTS.beginnings,
  ...POLICIES,
  ...ACCOUNTS.endUsers,
  ...ACCOUNTS.endings,
]

/** The one story of authctl, in its order: what this face can tell of it. */
export const journeysOf = ({ hasRefreshKeys }: Face): Journey[] =>
  JOURNEYS.filter(({ needsRefreshKeys = false }) => hasRefreshKeys || !needsRefreshKeys)
