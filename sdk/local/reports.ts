import type { AuthctlClient } from '../client.ts'
import { createRandomId, VERSION } from '../identity.ts'
import { pause } from '../signals.ts'
import type { AgentReport } from '../types.gen.ts'
import { LANGUAGE } from './engine.ts'
import type { HeldSnapshot } from './snapshot.ts'
import type { Answered } from './state.ts'
import type { Question } from './types.ts'

/** How many denials one report names, and how many namespaces. */
const MOST_DENIALS = 50
const MOST_HEADS = 10
/** The first report comes soon; the daemon says when the next does. */
const FIRST_SECONDS = 1
const USUAL_SECONDS = 30
const LIMITS = { timeoutMs: 5000, retries: 0 } as const

type Denial = Pick<Question, 'principal' | 'action' | 'resource'> & { readonly at: number }

/** What reports are made of. */
export interface ReportsOptions {
  readonly client: Pick<AuthctlClient, 'agents'>
  /** Names this process; undefined: a made-up name. */
  readonly agent: string | undefined
  readonly held: () => HeldSnapshot | undefined
  readonly onError: (error: unknown) => void
  /** Ends them. */
  readonly signal: AbortSignal
}

/** The heads of the namespaces above the application, and of its own if it is an account. */
const headsOf = ({ state: { heads, above, audience } }: HeldSnapshot): AgentReport['heads'] =>
  ['root', ...above.map(({ id }) => id), audience]
    .flatMap((namespace) => {
      const head = heads[namespace]
      return head === undefined || head === null ? [] : [{ namespace, id: head.id, number: head.number }]
    })
    .slice(-MOST_HEADS)

/** Counts what is decided, and tells the daemon of it: in batches, with a sample of what was denied. */
export const createReports = ({ client, agent, held, onError, signal }: ReportsOptions) => {
  const name = agent ?? `sdk:${createRandomId()}`
  const startedAt = new Date().toISOString()
  let sample: Denial[] = []
  let [allowed, denied, sinceReport] = [0, 0, 0]

  /** Every denial since the last report is as likely to be named. */
  const keep = ({ principal, action, resource }: Question, at: number): void => {
    sinceReport += 1
    const place = sample.length < MOST_DENIALS ? sample.length : Math.floor(Math.random() * sinceReport)
    if (place < MOST_DENIALS) sample[place] = { principal, action, resource, at }
  }

  const report = async (snapshot: HeldSnapshot): Promise<number> => {
    const denials = sample.map(({ principal, at, ...asked }) => ({
      account: principal,
      ...asked,
      at: new Date(at).toISOString(),
    }))
    sample = []
    sinceReport = 0
    const said = {
      agent: name,
      software: `authctl-sdk/${VERSION}`,
      language: LANGUAGE,
      started_at: startedAt,
    }
    const { revision } = snapshot
    const body = { ...said, revision, heads: headsOf(snapshot), allowed, denied, denials }
    return (await client.agents.report(body, { ...LIMITS, signal })).next_report_seconds
  }

  /** Rejects at the end, as every pause does. */
  const run = async (): Promise<never> => {
    for (let seconds = FIRST_SECONDS; ;) {
      await pause(Math.max(FIRST_SECONDS, seconds) * 1000, signal)
      const snapshot = held()
      if (snapshot === undefined) continue
      seconds = await report(snapshot).catch((error: unknown) => {
        if (!signal.aborted) onError(error)
        return USUAL_SECONDS
      })
    }
  }
  run().catch(() => undefined)

  return {
    /** Notes a decision of this process, made at a time in milliseconds. */
    note: ({ decision, reason }: Answered, question: Question, at: number): void => {
      if (decision === 'ALLOW') allowed += 1
      else {
        denied += 1
        // Only what the policies have denied is worth an entry in the log.
        if (reason === null) keep(question, at)
      }
    },
  }
}
