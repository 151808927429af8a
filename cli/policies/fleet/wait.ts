import { setTimeout as sleep } from 'node:timers/promises'
import type { AuthctlClient } from '@authctl/sdk'
import { tell } from '../../output/print.ts'
import { startProgress } from '../../output/progress.ts'
import { localProblem, type Problem } from '../../problem.ts'
import { surroundings } from '../../surroundings.ts'
import type { PlanFormat } from '../plan/flags.ts'
import type { Outcome } from '../plan/make.ts'
import { printOutcome } from '../plan/outcome.ts'
import { daemonName, daemonRow, decidesBy, type Daemon } from './words.ts'

const POLL_MS = 300

/** What came of waiting: all daemons, and those that decide by an older revision. */
export interface Waited {
  readonly daemons: readonly Daemon[]
  readonly behind: readonly Daemon[]
}

const isBehind =
  (number: number) =>
  ({ is_current: isCurrent, revision }: Daemon): boolean =>
    !isCurrent && (revision?.number ?? 0) < number

const waitingFor = ({ daemons, behind }: Waited): string =>
  `Waiting for ${behind.length} of ${daemons.length} daemons: ${behind.map((each) => `${daemonName(each)} decides by ${decidesBy(each)}`).join('; ')}`

/**
 * Waits until all daemons that live decide by a revision of a namespace or a later one, and tells on stderr
 * for which it waits. A daemon that dies meanwhile leaves the list.
 */
export const waitForDaemons = async (
  client: Pick<AuthctlClient, 'policies'>,
  { namespace, number, seconds }: { namespace: string; number: number; seconds: number },
): Promise<Waited> => {
  const until = performance.now() + seconds * 1000
  using progress = startProgress()
  const isTerminal = surroundings().stderr.isTTY === true
  let told = ''
  for (;;) {
    const { daemons } = await client.policies.status({ namespace })
    const waited = { daemons, behind: daemons.filter(isBehind(number)) }
    if (waited.behind.length === 0 || performance.now() >= until) return waited
    const words = waitingFor(waited)
    progress.show(words)
    if (!isTerminal && words !== told) tell(words)
    told = words
    await sleep(POLL_MS)
  }
}

const problemOf = ({ daemons, behind }: Waited, number: number, seconds: number): Problem | undefined =>
  behind.length === 0
    ? undefined
    : localProblem(
        'daemons_behind',
        `revision ${number} is in force, but after ${seconds} s ${behind.length} of ${daemons.length} daemons ${behind.length === 1 ? 'decides' : 'decide'} by an older one: ${behind.map((each) => `${daemonName(each)} by ${decidesBy(each)}`).join('; ')}`,
        'Its log says why: what it cannot read or compile. Then: authctl policies status --daemons',
        'behind',
      )

/** Prints what came of an apply or a rollback, and waits for the daemons if that is asked for. */
export const finishOutcome = async (
  client: Pick<AuthctlClient, 'policies'>,
  outcome: Outcome,
  { format, wait, seconds }: { format: PlanFormat; wait: boolean; seconds: number },
): Promise<void> => {
  if (!wait) return await printOutcome(outcome, format)
  const { number } = outcome.revision
  const isForPeople = format === 'table' || format === 'markdown'
  if (isForPeople) await printOutcome(outcome, format)
  const { namespace } = outcome.plan.order
  const waited = await waitForDaemons(client, { namespace, number, seconds })
  const problem = problemOf(waited, number, seconds)
  if (isForPeople) {
    if (problem !== undefined) throw problem
    return tell(`All daemons decide by it: ${waited.daemons.map(daemonName).join(', ')}.`)
  }
  const waitedData = { daemons: waited.daemons.map(daemonRow), behind: waited.behind.map(({ id }) => id) }
  await printOutcome(outcome, format, { waited: waitedData })
  if (problem !== undefined) surroundings().exitCode = problem.exitCode
}
