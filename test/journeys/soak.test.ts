import { expect, onTestFinished, test } from 'vitest'
import { startDaemon } from '../support/running-daemon.ts'
import { type Stretch, summarize, watchUnderLoad } from './steady-load.ts'

/** The bar (K12) is hours: `npm run soak -- --minutes 480`. */
const STRETCHES = 4

test('K12: under a steady load nothing fails, and descriptors and the log of the database stay flat', async () => {
  const daemon = await startDaemon({ AUTHCTL_RATE_LIMITS: 'off', AUTHCTL_LOG_LEVEL: 'warn' })
  onTestFinished(async () => void (await daemon.stop()))
  const stretches: Stretch[] = []
  const faults: string[] = []
  const plan = { stretches: STRETCHES, stretchSeconds: 1, livesPerSecond: 10 }
  for await (const { faultTexts, ...stretch } of watchUnderLoad(daemon, plan)) {
    stretches.push(stretch)
    faults.push(...faultTexts)
  }
  const summary = summarize(stretches)
  expect(faults).toEqual([])
  expect(summary.requests, 'the load was too small to show anything').toBeGreaterThan(STRETCHES * 20)
  expect(summary.descriptorsMost - summary.descriptorsLeast).toBeLessThanOrEqual(32)
  expect(summary.walMostMb).toBeGreaterThan(0)
  expect(summary.walMostMb).toBeLessThanOrEqual(64)
})

const stretchOf = (residentBytes: number, p99Ms: number, others: Partial<Stretch> = {}): Stretch => ({
  seconds: 60,
  requests: 100_000,
  faults: 0,
  p50Ms: 1,
  p99Ms,
  residentBytes,
  descriptors: 30,
  walBytes: 4e6,
  othersShare: 0.02,
  ...others,
})
const hourOf = (make: (minute: number) => Stretch) =>
  summarize(Array.from({ length: 60 }, (_, minute) => make(minute)))

test('the summary of a soak tells growth from noise', () => {
  const flat = hourOf((minute) => stretchOf(1e8 + (minute % 2) * 1e5 + (minute === 40 ? 5e7 : 0), 10))
  expect(Math.abs(flat.residentSlopePercentPerHour)).toBeLessThan(0.2)
  expect(flat).toMatchObject({ p99DriftPercent: 0, canJudgeMemory: true, canJudgeLatency: true })
  const growing = hourOf((minute) => stretchOf(1e8 + minute * 1e5, 10 + minute))
  expect(growing.residentSlopePercentPerHour).toBeGreaterThan(5)
  expect(growing.p99DriftPercent).toBeGreaterThan(30)
})

test('the summary of a soak judges nothing that the run cannot show', () => {
  const busy = hourOf(() => stretchOf(1e8, 10, { othersShare: 0.5 }))
  expect(busy).toMatchObject({ canJudgeMemory: true, canJudgeLatency: false })
  const few = hourOf(() => stretchOf(1e8, 10, { requests: 100 }))
  expect(few).toMatchObject({ canJudgeMemory: false, canJudgeLatency: true })
})
