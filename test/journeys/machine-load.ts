import { readFileSync } from 'node:fs'

interface Ticks {
  /** The time of all processors, idle or not. */
  readonly all: number
  readonly busy: number
  /** The time of the processes that are looked at. */
  readonly own: number
}

const ownTicks = (pid: number): number => {
  // The name in brackets may hold spaces; utime and stime are the 14th and 15th field.
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = after.split(' ')
  return Number(fields[11]) + Number(fields[12])
}

const ticksNow = (pids: readonly number[]): Ticks => {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const times = line.split(/\s+/).slice(1, 9).map(Number)
  const all = times.reduce((sum, time) => sum + time, 0)
  const idle = (times[3] ?? 0) + (times[4] ?? 0)
  return { all, busy: all - idle, own: pids.reduce((sum, pid) => sum + ownTicks(pid), 0) }
}

/**
 * Tells, from call to call, what share of the processors others than the given processes had, from 0 to 1.
 * Latency on a machine that does other things says little about the daemon. Linux only.
 */
export const watchOthers = (pids: readonly number[]): (() => number) => {
  let before = ticksNow(pids)
  return () => {
    const now = ticksNow(pids)
    const share = (now.busy - before.busy - (now.own - before.own)) / Math.max(1, now.all - before.all)
    before = now
    return Math.min(1, Math.max(0, share))
  }
}
