import { conversionOf, type Counted } from '../../domain/charge.ts'
import { BUDGET_PREFIX, CONVERSION_PREFIX, windowsOf, type BudgetName } from '../../domain/sms-budget.ts'
import type { CountedKey } from '../../ports/stores/index.ts'
import type { Deps } from '../deps.ts'

const HOUR_MS = 3_600_000
/** The share of a budget from which on an operator should know (F6). */
const ALARM_PERCENT = 80
/** There may be thousands of blocks of numbers; those that are fullest say enough. */
const BLOCKS_SHOWN = 10

/** How much of one budget is spent. */
export interface BudgetUse {
  /** `all`, `spend`, `country IN`, `block +91987654`, or `used codes, country IN`. */
  readonly budget: string
  readonly window: 'hour' | 'day'
  readonly used: number
  readonly limit: number
  readonly unit: 'messages' | 'smallest currency unit' | '% used at least'
  readonly percent: number
  readonly state: 'ok' | 'alarm' | 'stopped'
  /** Epoch ms when the window ends; null while nothing counts in it. */
  readonly resetsAt: number | null
}

const wordsOf = (key: string): string => key.replaceAll(':', ' ')

const stateOf = (percent: number): BudgetUse['state'] =>
  percent >= 100 ? 'stopped' : percent >= ALARM_PERCENT ? 'alarm' : 'ok'

/** What is spent of every budget, the fullest first: the one that would stop next is on top. */
export const readBudgets = async ({
  store,
  clock,
  settings,
}: Pick<Deps, 'store' | 'clock' | 'settings'>): Promise<BudgetUse[]> => {
  const now = clock.now()
  const { sms } = settings
  const windows = windowsOf(sms)

  const amounts = (key: string, counted: readonly Counted[]): BudgetUse[] => {
    const name = key.split(':')[0] as BudgetName
    return windows[name].map(({ limit, windowMs }, n): BudgetUse => {
      const [startedAt, count] = counted[n] ?? [0, 0]
      const isCurrent = now < startedAt + windowMs
      const used = isCurrent ? count : 0
      const percent = Math.floor((used * 100) / limit)
      return {
        budget: wordsOf(key),
        window: windowMs === HOUR_MS ? 'hour' : 'day',
        used,
        limit,
        unit: name === 'spend' ? 'smallest currency unit' : 'messages',
        percent,
        state: stateOf(percent),
        resetsAt: isCurrent ? startedAt + windowMs : null,
      }
    })
  }

  const conversion = ({ key, windows: counted }: CountedKey): BudgetUse => {
    const { events, confirmed, endsAt } = conversionOf(counted, now)
    const used = events === 0 ? 100 : Math.min(100, Math.floor((confirmed * 100) / events))
    const isJudged = events >= sms.conversionMinSends && sms.conversionMinPercent > 0
    const isStopped = isJudged && confirmed * 100 < events * sms.conversionMinPercent
    return {
      budget: `used codes, ${wordsOf(key.slice(CONVERSION_PREFIX.length))}`,
      window: 'hour',
      used,
      limit: sms.conversionMinPercent,
      unit: '% used at least',
      percent: isStopped
        ? 100
        : isJudged
          ? Math.min(99, Math.floor((sms.conversionMinPercent * 100) / used))
          : 0,
      state: isStopped ? 'stopped' : 'ok',
      resetsAt: events === 0 ? null : endsAt,
    }
  }

  const counted = await store.limits.list(BUDGET_PREFIX)
  const ofConversion = counted.filter(({ key }) => key.startsWith(CONVERSION_PREFIX)).map(conversion)
  const ofAmount = new Map<string, readonly Counted[]>([
    ['all', []],
    ['spend', []],
    ...counted
      .filter(({ key }) => !key.startsWith(CONVERSION_PREFIX))
      .map(({ key, windows: found }) => [key.slice(BUDGET_PREFIX.length), found] as const),
  ])
  const fullestFirst = [
    ...[...ofAmount].flatMap(([key, found]) => amounts(key, found)),
    ...ofConversion,
  ].sort((a, b) => b.percent - a.percent)
  const isBlock = ({ budget }: BudgetUse) => /\bblock /.test(budget)
  const blocks = fullestFirst.filter(isBlock).slice(0, BLOCKS_SHOWN)
  return fullestFirst.filter((use) => !isBlock(use) || blocks.includes(use))
}
