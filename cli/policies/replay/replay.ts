import type { AuthctlClient, Replay, ReplayRequest } from '@authctl/sdk'
import { startProgress } from '../../output/progress.ts'
import { localProblem } from '../../problem.ts'
import { withPlaces } from '../plan/diagnostics.ts'
import type { ReadSet } from '../plan/request.ts'
import { readRecordings, type Recorded } from './recording.ts'

type Sent = ReplayRequest['questions'][number]
type Change = Replay['changes'][number]

/** A recorded question whose answer would change, and how often it was asked. */
export interface Changed extends Omit<Sent, 'at' | 'hidden'>, Omit<Change, 'question' | 'at'> {
  readonly count: number
  /** The time for which it changes, in epoch seconds. */
  readonly at: number
}

/** What a recording says of a plan; `questions` and `changed` count questions as often as they were asked. */
export interface Replayed {
  readonly questions: number
  readonly distinct: number
  readonly changed: number
  readonly unknown_account: number
  readonly private_value: number
  readonly unreadable: number
  readonly changes: readonly Changed[]
}

/** As many as one request takes, and few enough bytes. */
const MAX_QUESTIONS = 10_000
const MAX_BYTES = 4 * 1024 * 1024

interface Read {
  readonly recorded: Recorded
  readonly sent: Sent
}

const parse = (recorded: Recorded): Read | undefined => {
  const { key, first, last } = recorded
  try {
    const { account, action, resource, context, hidden } = JSON.parse(
      `{${Buffer.from(key, 'latin1').toString('utf8')}`,
    ) as Omit<Sent, 'at'>
    const at = first === last ? [first] : [first, last]
    return {
      recorded,
      sent: { account, action, resource, at, ...(context && { context }), ...(hidden && { hidden }) },
    }
  } catch {
    return undefined
  }
}

/** Questions of one account stand together, so that the server reads each account once. */
function* batchesOf(questions: readonly Recorded[]): Generator<Read[]> {
  let [batch, bytes]: [Read[], number] = [[], 0]
  for (const recorded of questions.toSorted(({ key: a }, { key: b }) => (a < b ? -1 : 1))) {
    const read = parse(recorded)
    if (read === undefined) continue
    if (batch.length === MAX_QUESTIONS || bytes + recorded.key.length > MAX_BYTES) {
      yield batch
      ;[batch, bytes] = [[], 0]
    }
    batch.push(read)
    bytes += recorded.key.length
  }
  if (batch.length > 0) yield batch
}

const requireQuestions = (paths: readonly string[]) => {
  const recording = readRecordings(paths)
  if (recording.questions.length === 0)
    throw localProblem(
      'no_recording',
      `${paths.join(', ')}: no recorded decisions`,
      'The daemon records them with AUTHCTL_RECORD_DECISIONS, into decisions.jsonl of its data directory.',
    )
  return recording
}

/**
 * Asks the server which of the recorded questions a set would answer otherwise. Each distinct question is
 * sent once, with its first and its last time.
 */
export const replayRecordings = async (
  client: Pick<AuthctlClient, 'policies'>,
  read: ReadSet,
  paths: readonly string[],
): Promise<Replayed> => {
  const { questions, lines, unreadable } = requireQuestions(paths)
  using progress = startProgress()
  const changes: Changed[] = []
  let [done, unknownAccount, privateValue, parsed] = [0, 0, 0, 0]
  for (const batch of batchesOf(questions)) {
    progress.show(`Replaying ${questions.length} distinct questions: ${done} are decided ...`)
    const request = { ...read.request, questions: batch.map(({ sent }) => sent) }
    const reply = await withPlaces(read, client.policies.replay(request))
    for (const { question, at, before, after } of reply.changes) {
      const asked = batch[question]
      if (asked === undefined) continue
      const { at: _times, hidden: _hidden, ...sent } = asked.sent
      changes.push({ ...sent, at, before, after, count: asked.recorded.count })
    }
    done += batch.length
    unknownAccount += reply.unknown_account
    privateValue += reply.private_value
    for (const { recorded } of batch) parsed += recorded.count
  }
  return {
    questions: parsed,
    distinct: done,
    changed: changes.reduce((sum, { count }) => sum + count, 0),
    unknown_account: unknownAccount,
    private_value: privateValue,
    unreadable: unreadable + (lines - unreadable - parsed),
    changes: changes.toSorted((a, b) => b.count - a.count),
  }
}
