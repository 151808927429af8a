import type { PolicyStatus } from '@authctl/sdk'

/** A daemon as the API tells of it. */
export type Daemon = PolicyStatus['daemons'][number]

/** What people know a daemon by; the id where its host is not told. */
export const daemonName = ({ id, host, pid }: Daemon): string =>
  host === null ? `daemon ${id}` : `${host} (process ${pid})`

/** By what it decides. */
export const decidesBy = ({ revision }: Daemon): string =>
  revision === null ? 'none of the newest revisions' : `revision ${revision.number}`

/** A daemon in a table. */
export const daemonRow = (daemon: Daemon) => ({
  id: daemon.id,
  host: daemon.host,
  pid: daemon.pid,
  version: daemon.version,
  revision: daemon.revision?.number ?? null,
  state: daemon.is_current ? 'current' : 'behind',
  seen_at: daemon.seen_at,
})

/** The columns of {@link daemonRow}. */
export const DAEMON_COLUMNS: readonly (keyof ReturnType<typeof daemonRow>)[] = [
  'host',
  'pid',
  'version',
  'revision',
  'state',
  'seen_at',
  'id',
]

/** All daemons in a line, or those that are behind in one each. */
export const fleetWords = ({ daemons, revision }: PolicyStatus): string => {
  const behind = daemons.filter(({ is_current: isCurrent }) => !isCurrent)
  const by = revision === null ? 'by what authctl comes with' : `by revision ${revision.number}`
  const all =
    daemons.length === 1
      ? `1 daemon decides ${by}: ${daemons.map(daemonName).join('')}.`
      : `${daemons.length} daemons decide ${by}: ${daemons.map(daemonName).join(', ')}.`
  if (behind.length === 0) return all
  return [
    `${daemons.length - behind.length} of ${daemons.length} daemons decide ${by}.`,
    ...behind.map((each) => `Behind: ${daemonName(each)}, which decides by ${decidesBy(each)}.`),
  ].join('\n')
}

/** How many processes of applications decide by themselves, and which are behind; undefined: none does. */
export const agentWords = ({
  agents,
  has_more_agents: hasMore,
}: Pick<PolicyStatus, 'agents' | 'has_more_agents'>): string | undefined => {
  if (agents.length === 0) return undefined
  const behind = agents.filter(({ is_current: isCurrent }) => !isCurrent)
  const all =
    agents.length === 1
      ? '1 process decides by itself'
      : `${hasMore ? 'More than ' : ''}${agents.length} processes decide by themselves`
  const which = behind.map(({ agent, application }) => `${agent} of ${application}`).join(', ')
  const rest = hasMore ? ' All of them: authctl policies agents --all' : ''
  if (behind.length > 0) return `${all}; behind: ${which}.${rest}`
  return hasMore ? `${all}.${rest}` : `${all}, by what is in force.`
}

const MAX_SHOWN = 10

/** What stands in the shadow, and what live requests it would answer otherwise; undefined: nothing does. */
export const shadowText = ({ shadow }: PolicyStatus): string | undefined => {
  if (shadow === null) return undefined
  const { number, questions, changed, differences } = shadow
  const more = differences.length - MAX_SHOWN
  return [
    `In the shadow: revision ${number}; ${changed} of ${questions} live requests would be answered otherwise.`,
    ...differences.slice(0, MAX_SHOWN).map(({ account, action, resource, before, after, by, count }) => {
      const sign = after === 'ALLOW' ? '+' : '-'
      return `${sign} ${action} on ${resource} for ${account}, ${count} times: ${before}, then ${after}${by === null ? '' : ` by ${by}`}`
    }),
    ...(more > 0 ? [`and ${more} others: -o json has them`] : []),
    'Then: authctl policies promote, or authctl policies promote --drop',
  ].join('\n')
}
