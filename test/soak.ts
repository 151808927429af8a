import { parseArgs } from 'node:util'
import { summarize, type Stretch, watchUnderLoad } from './journeys/steady-load.ts'
import { startDaemon } from './support/running-daemon.ts'

/** Below this the slope of the memory and the drift of the latency are noise, and are shown only. */
const JUDGED_FROM_MINUTES = 30

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '5' } },
})
const minutes = Number(values.minutes)

const daemon = await startDaemon({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_LOG_LEVEL: 'warn' })
const stretches: Stretch[] = []
try {
  const plan = { stretches: minutes, stretchSeconds: 60, livesPerSecond: Number(values.rate) }
  for await (const { faultTexts, ...stretch } of watchUnderLoad(daemon, plan)) {
    stretches.push(stretch)
    const { requests, faults, p50Ms, p99Ms, residentBytes, descriptors, walBytes } = stretch
    const figures = [
      `minute ${stretches.length} of ${minutes}: ${requests} requests, ${faults} faults`,
      `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
      `RSS ${(residentBytes / 1e6).toFixed(1)} MB, ${descriptors} descriptors, WAL ${(walBytes / 1e6).toFixed(1)} MB`,
    ]
    process.stderr.write(`${[figures.join(', '), ...faultTexts].join('\n  ')}\n`)
  }
} finally {
  await daemon.stop()
}

const summary = summarize(stretches)
const misses = [
  summary.faults > 0 && `${summary.faults} requests failed`,
  summary.descriptorsMost - summary.descriptorsLeast > 32 && 'the number of descriptors is not flat',
  summary.walMostMb > 64 && 'the write-ahead log grew beyond 64 MB',
  minutes >= JUDGED_FROM_MINUTES && summary.residentSlopePercentPerHour > 1 && 'the memory grows',
  minutes >= JUDGED_FROM_MINUTES && summary.p99DriftPercent > 10 && 'the latency drifts',
].filter((miss) => miss !== false)
process.stdout.write(`${JSON.stringify({ ...summary, misses }, undefined, 2)}\n`)
process.exitCode = misses.length > 0 ? 1 : 0
