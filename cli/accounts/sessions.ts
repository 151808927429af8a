import type { SessionList } from '@authctl/sdk'
import type { View } from '../output/print.ts'

const COLUMNS = ['id', 'client_id', 'ip', 'user_agent', 'created_at', 'last_used_at', 'expires_at']

/** The sessions of an account; one's own with a mark at the present one. */
export const sessionsView = ({ items }: SessionList, { own = false } = {}): View => ({
  data: { items },
  rows: items.map((item) => ({ ...item })),
  columns: own ? ['id', 'current', ...COLUMNS.slice(1)] : COLUMNS,
  empty: 'no sessions',
})
