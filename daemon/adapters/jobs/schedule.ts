import { schedule, type TaskContext } from 'node-cron'
import type { Log } from '../../ports/log.ts'

/** A scheduled job that can be stopped; `stop` waits for a running tick. */
export interface ScheduledJob {
  stop(): Promise<void>
}

/**
 * Runs `tick` on a cron schedule in UTC with the time of the slot it stands for (epoch ms), one at a time.
 * The tick itself takes a lease, so that only one daemon works on a slot. A failed tick is logged, and the
 * next one comes as planned.
 */
export const scheduleJob = (
  job: { name: string; cron: string; tick: (slot: number) => Promise<number | undefined> },
  log: Log,
): ScheduledJob => {
  let running = Promise.resolve()
  const runTick = async (slot: number): Promise<void> => {
    try {
      const done = await job.tick(slot)
      if (done !== undefined) log.info({ job: job.name, slot, done }, 'job ran')
    } catch (error) {
      log.error(
        { job: job.name, slot, cause: error instanceof Error ? error.message : 'unknown' },
        'job failed',
      )
    }
  }
  const task = schedule(
    job.cron,
    (context: TaskContext) => {
      const slot = Math.floor(context.date.getTime() / 1000) * 1000
      running = running.then(() => runTick(slot))
      return running
    },
    { timezone: 'UTC', noOverlap: true, name: job.name },
  )
  return {
    stop: async () => {
      await task.destroy()
      await running
    },
  }
}
