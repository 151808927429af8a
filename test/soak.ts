import { parseArgs } from 'node:util'
import { summarize, type Stretch, watchUnderLoad } from './journeys/steady-load.ts'
import { startDaemon } from './support/running-daemon.ts'

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
    const { requests, faults, p50Ms, p99Ms, residentBytes, descriptors, walBytes, othersShare } = stretch
    const figures = [
      `minute ${stretches.length} of ${minutes}: ${requests} requests, ${faults} faults`,
      `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
      `RSS ${(residentBytes / 1e6).toFixed(1)} MB, ${descriptors} descriptors, WAL ${(walBytes / 1e6).toFixed(1)} MB`,
      `others ${Math.round(othersShare * 100)} % of the processors`,
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
  summary.canJudgeMemory && summary.residentSlopePercentPerHour > 1 && 'the memory grows',
  summary.canJudgeLatency && summary.p99DriftPercent > 10 && 'the latency drifts',
].filter((miss) => miss !== false)
const notJudged = [
  !summary.canJudgeMemory && 'the memory: too few requests until it settles and after; --minutes or --rate',
  !summary.canJudgeLatency && 'the latency: the run was too short, or the machine did other things',
].filter((reason) => reason !== false)
process.stdout.write(`${JSON.stringify({ ...summary, misses, notJudged }, undefined, 2)}\n`)
process.exitCode = misses.length > 0 ? 1 : 0
