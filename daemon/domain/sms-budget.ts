import type { Charge, LimitWindow } from './charge.ts'
import type { Phone } from './account.ts'
import { blockOf, classOf } from './number-class.ts'
import type { NumberType } from './number-types.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** What the operator allows to be sent. Money is in the smallest unit of the operator's currency. */
export interface SmsBudget {
  /** ISO 3166-1 codes, or every country. */
  readonly countries: ReadonlySet<string> | 'every'
  readonly numberTypes: ReadonlySet<NumberType>
  readonly hourly: number
  readonly daily: number
  readonly countryHourly: number
  readonly countryDaily: number
  readonly blockHourly: number
  readonly spendHourly: number
  readonly spendDaily: number
  /** The price of a message by country; `*` for all others. */
  readonly prices: Readonly<Record<string, number>>
  readonly conversionMinSends: number
  readonly conversionMinPercent: number
}

/** Under these keys everything is counted that money depends on. */
export const BUDGET_PREFIX = 'sms:'
/** The keys of conversions, which block a country or a block of numbers. */
export const CONVERSION_PREFIX = `${BUDGET_PREFIX}conversion:`

const hour = (limit: number): LimitWindow => ({ limit, windowMs: HOUR_MS })
const day = (limit: number): LimitWindow => ({ limit, windowMs: DAY_MS })

/** The windows of each budget, by the first word of its key after the prefix. */
export const windowsOf = (budget: SmsBudget) => ({
  all: [hour(budget.hourly), day(budget.daily)],
  spend: [hour(budget.spendHourly), day(budget.spendDaily)],
  country: [hour(budget.countryHourly), day(budget.countryDaily)],
  block: [hour(budget.blockHourly)],
})
/** The name of a budget that counts messages or money. */
export type BudgetName = keyof ReturnType<typeof windowsOf>

/** Whether codes go to a number at all (F4); the country that pays for it if they do. */
export const servedCountry = (phone: Phone, { countries, numberTypes }: SmsBudget): string | undefined => {
  const { country, type } = classOf(phone)
  if (country === undefined || type === undefined || !numberTypes.has(type)) return undefined
  return countries === 'every' || countries.has(country) ? country : undefined
}

/** The keys under which it is counted how many codes to a number's country and block were used. */
export const conversionKeys = (phone: Phone): string[] => {
  const { country } = classOf(phone)
  const ofBlock = `${CONVERSION_PREFIX}block:${blockOf(phone)}`
  return country === undefined ? [ofBlock] : [ofBlock, `${CONVERSION_PREFIX}country:${country}`]
}

/** What one message to a number of a country takes from the budgets (F5, F6, F7). */
export const chargesOf = (phone: Phone, country: string, budget: SmsBudget): Charge[] => {
  const windows = windowsOf(budget)
  const amount = (key: string, name: BudgetName, units = 1): Charge => ({
    kind: 'amount',
    key: `${BUDGET_PREFIX}${key}`,
    amount: units,
    windows: windows[name],
  })
  const price = budget.prices[country] ?? budget.prices['*'] ?? 0
  return [
    amount(`block:${blockOf(phone)}`, 'block'),
    amount(`country:${country}`, 'country'),
    amount('all', 'all'),
    amount('spend', 'spend', price),
    ...conversionKeys(phone).map((key): Charge => ({
      kind: 'conversion',
      key,
      minEvents: budget.conversionMinSends,
      minPercent: budget.conversionMinPercent,
    })),
  ]
}
