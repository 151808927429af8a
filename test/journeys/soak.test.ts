import { expect, onTestFinished, test } from 'vitest'
import { startDaemon } from '../support/running-daemon.ts'
import { type Stretch, summarize, watchUnderLoad } from './steady-load.ts'

/** The bar (K12) is hours: `npm run soak -- --minutes 480`. */
const STRETCHES = 6

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

test('the summary of a soak tells growth from noise', () => {
  const of = (residentBytes: number, p99Ms: number): Stretch => ({
    seconds: 60,
    requests: 100,
    faults: 0,
    p50Ms: 1,
    p99Ms,
    residentBytes,
    descriptors: 30,
    walBytes: 4e6,
  })
  const flat = summarize(Array.from({ length: 60 }, (_, minute) => of(1e8 + (minute % 2) * 1e5, 10)))
  expect(Math.abs(flat.residentSlopePercentPerHour)).toBeLessThan(0.2)
  expect(flat.p99DriftPercent).toBe(0)
  const growing = summarize(Array.from({ length: 60 }, (_, minute) => of(1e8 + minute * 1e5, 10 + minute)))
  expect(growing.residentSlopePercentPerHour).toBeGreaterThan(5)
  expect(growing.p99DriftPercent).toBeGreaterThan(30)
})
