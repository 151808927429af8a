import { describe, expect, test } from 'vitest'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { decide } from '../../policies/engine/decide.ts'
import { explain } from '../../policies/engine/explain.ts'
import { parseTimeOfDay, parseWeekdays, tellingInstants } from '../../policies/engine/local-time.ts'
import type { ConditionBlock, Statement } from '../../policies/language.ts'
import { createAccessComparison } from '../../policies/plan/access.ts'
import { diceOf } from './draws.ts'
import { diagnosticsOf, layerOf, say } from './order-layers.ts'
import { CATALOGUE } from './samples.ts'

/* The time of day and the day of the week of an instant, in a zone. */

const at = (text: string): number => Date.parse(text)

test('a zone is one, whatever the case of its name: nobody fills the memory with spellings of it', () => {
  const [named, spelled] = ['Asia/Kolkata', 'ASIA/kOLKATA'].map((zone) =>
    parseTimeOfDay(`08:00-18:00 ${zone}`),
  )
  expect(named).toBeDefined()
  expect(spelled?.offsetAt).toBe(named?.offsetAt)
  expect(parseWeekdays('Mon-Fri Asia/kolkata')?.offsetAt).toBe(named?.offsetAt)
})

describe('a time of day', () => {
  test.each<[value: string, instant: string, contains: boolean]>([
    ['08:00-18:00 UTC', '2026-01-01T08:00:00Z', true],
    ['08:00-18:00 UTC', '2026-01-01T07:59:59.999Z', false],
    ['08:00-18:00 UTC', '2026-01-01T17:59:59.999Z', true],
    ['08:00-18:00 UTC', '2026-01-01T18:00:00Z', false],
    ['00:00-24:00 UTC', '2026-01-01T23:59:59.999Z', true],
    ['22:00-06:00 UTC', '2026-01-01T21:59:59.999Z', false],
    ['22:00-06:00 UTC', '2026-01-01T22:00:00Z', true],
    ['22:00-06:00 UTC', '2026-01-01T23:00:00Z', true],
    ['22:00-06:00 UTC', '2026-01-01T05:59:00Z', true],
    ['22:00-06:00 UTC', '2026-01-01T06:00:00Z', false],
    ['08:00-18:00 Asia/Kolkata', '2026-01-01T02:30:00Z', true],
    ['08:00-18:00 Asia/Kolkata', '2026-01-01T02:29:59Z', false],
    // Before and after the clocks go forward, and back.
    ['03:00-04:00 Europe/Berlin', '2026-03-29T00:59:59Z', false],
    ['03:00-04:00 Europe/Berlin', '2026-03-29T01:00:00Z', true],
    ['02:00-03:00 Europe/Berlin', '2026-10-25T00:30:00Z', true],
    ['02:00-03:00 Europe/Berlin', '2026-10-25T01:30:00Z', true],
    ['02:00-03:00 Europe/Berlin', '2026-10-25T02:00:00Z', false],
    ['20:30-20:31 America/St_Johns', '1970-01-01T00:00:00Z', true],
    ['18:00-24:00 UTC', '1969-12-31T23:00:00Z', true],
    ['05:00-06:00 Etc/GMT-5', '2026-01-01T00:30:00Z', true],
  ])('%s at %s: %s', (value, instant, contains) => {
    expect(parseTimeOfDay(value)?.contains(at(instant))).toBe(contains)
  })

  test.each<[value: string, instant: string, contains: boolean]>([
    ['Thu UTC', '2026-01-01T00:00:00Z', true],
    ['Thu UTC', '2026-01-01T23:59:59.999Z', true],
    ['Thu UTC', '2026-01-02T00:00:00Z', false],
    ['Mon-Fri Asia/Kolkata', '2026-01-02T18:29:59Z', true],
    ['Mon-Fri Asia/Kolkata', '2026-01-02T18:30:00Z', false],
    ['Fri-Mon UTC', '2026-01-01T12:00:00Z', false],
    ['Fri-Mon UTC', '2026-01-02T12:00:00Z', true],
    ['Fri-Mon UTC', '2026-01-04T12:00:00Z', true],
    ['Fri-Mon UTC', '2026-01-05T12:00:00Z', true],
    ['Fri-Mon UTC', '2026-01-06T12:00:00Z', false],
    ['Sun-Sat UTC', '2026-01-06T12:00:00Z', true],
    ['Wed America/New_York', '1970-01-01T04:59:00Z', true],
  ])('%s at %s: %s', (value, instant, contains) => {
    expect(parseWeekdays(value)?.contains(at(instant))).toBe(contains)
  })

  test.each([
    '08:00-18:00', '8:00-18:00 UTC', '08:00-08:00 UTC', '24:00-08:00 UTC', '08:00-24:01 UTC', '08:00-18:00 Asia/Kolkatta',
    '08:00-18:00 +05:30', '08:00–18:00 UTC', '08:00-18:00 UTC ', '08:60-18:00 UTC', 'Mon UTC', '',
  ])('%j is none', (text) => expect(parseTimeOfDay(text)).toBeUndefined()) // prettier-ignore

  test.each([
    'Mon',
    'mon UTC',
    'Mon-Fri',
    'Mon,Tue UTC',
    'Monday UTC',
    'Mon-Fri Mars/Base',
    '08:00-18:00 UTC',
  ])('%j is no day', (text) => expect(parseWeekdays(text)).toBeUndefined())

  test('is what the calendar says, in any zone, at any instant, in any order', () => {
    const dice = diceOf(7)
    const ZONES = ['UTC', 'Asia/Kolkata', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Monrovia', 'Pacific/Apia'] // prettier-ignore
    const formats = ZONES.map(
      (timeZone) =>
        new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', weekday: 'short', hour: '2-digit', minute: '2-digit' }),
    ) // prettier-ignore
    for (let n = 0; n < 3000; n++) {
      const zone = dice.below(ZONES.length)
      // Half of them near the changes of 2026, in steps of some minutes.
      const instant = dice.oneIn(2)
        ? at(dice.pick(['2026-03-29T00:00:00Z', '2026-10-25T00:00:00Z', '2026-04-04T14:00:00Z', '2011-10-02T03:00:00Z', '1972-01-07T00:00:00Z'])) + dice.below(300) * 61_000
        : dice.below(4_000_000_000) * 1000 // prettier-ignore
      const parts = Object.fromEntries(
        (formats[zone]?.formatToParts(instant) ?? []).map(({ type, value }) => [type, value]),
      )
      const clock = `${parts['hour'] ?? ''}:${parts['minute'] ?? ''}`
      const next = `${parts['hour'] ?? ''}:${parts['minute'] === '59' ? '59' : String(Number(parts['minute']) + 1).padStart(2, '0')}`
      if (clock !== next)
        expect(parseTimeOfDay(`${clock}-${next} ${ZONES[zone] ?? ''}`)?.contains(instant)).toBe(true)
      expect(parseWeekdays(`${parts['weekday'] ?? ''} ${ZONES[zone] ?? ''}`)?.contains(instant)).toBe(true)
    }
  })

  test('instants that tell values apart are on every side of their edges', () => {
    const value = parseTimeOfDay('08:00-18:00 Asia/Kolkata') ?? expect.fail()
    const instants = tellingInstants([value], at('2026-01-01T12:00:00Z'))
    expect(new Set(instants.map((instant) => value.contains(instant)))).toEqual(new Set([true, false]))
    expect(Math.min(...instants)).toBeGreaterThanOrEqual(at('2026-01-01T12:00:00Z'))
    expect(instants).toContain(at('2026-01-02T02:30:00Z'))
    expect(instants).toContain(at('2026-01-02T02:29:00Z'))
    expect(tellingInstants([value], at('2026-01-02T02:30:00Z'))).toContain(at('2026-01-02T02:30:00Z'))
    const days = parseWeekdays('Sat-Sun Asia/Kolkata') ?? expect.fail()
    const outer = tellingInstants([value, days], 0)
    expect(new Set(outer.map((instant) => `${value.contains(instant)} ${days.contains(instant)}`)).size).toBe(
      4,
    )
  })

  test('of very many values, and of many zones, instants are no more than can be asked about', () => {
    const zones = Intl.supportedValuesOf('timeZone')
    const clock = (minute: number): string =>
      `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
    const values = Array.from({ length: 512 }, (_none, n) =>
      parseTimeOfDay(`${clock(2 * n)}-${clock(2 * n + 1)} ${zones[n % zones.length] ?? ''}`),
    ).filter((value) => value !== undefined)
    expect(values.length).toBe(512)
    const instants = tellingInstants(values, at('2026-01-01T12:00:00Z'))
    expect(instants.length).toBeGreaterThan(100)
    expect(instants.length).toBeLessThanOrEqual(2048)
  })
})

const OFFICE: ConditionBlock = {
  TimeOfDay: { 'request.time': '08:00-18:00 Asia/Kolkata' },
  Weekday: { 'request.time': ['Mon-Fri Asia/Kolkata', 'Sat Asia/Kolkata'] },
}
const NIGHT: ConditionBlock = { NotTimeOfDay: { 'request.time': '08:00-18:00 Asia/Kolkata' } }

describe('in a policy', () => {
  const ask = (when: string | number | undefined) => ({
    action: 'orders:Read',
    resource: 'order/a',
    context: when === undefined ? {} : { 'request.time': when },
  })
  const verdict = (statements: readonly Statement[], when: string | number | undefined): string =>
    decide([layerOf(statements)], ask(when)).verdict

  test('both hold in the hours of the office alone', () => {
    expect(verdict([say('Allow', OFFICE)], '2026-01-02T10:00:00+05:30')).toBe('ALLOW')
    expect(verdict([say('Allow', OFFICE)], at('2026-01-03T04:30:00Z') / 1000)).toBe('ALLOW')
    expect(verdict([say('Allow', OFFICE)], '2026-01-04T10:00:00+05:30')).toBe('DENY_IMPLICIT')
    expect(verdict([say('Allow', OFFICE)], '2026-01-02T18:00:00+05:30')).toBe('DENY_IMPLICIT')
    expect(verdict([say('Allow', OFFICE)], undefined)).toBe('DENY_IMPLICIT')
    expect(verdict([say('Allow'), say('Deny', NIGHT)], '2026-01-02T18:00:00+05:30')).toBe('DENY_EXPLICIT')
    expect(verdict([say('Allow'), say('Deny', NIGHT)], '2026-01-02T10:00:00+05:30')).toBe('ALLOW')
    expect(verdict([say('Allow'), say('Deny', NIGHT)], undefined)).toBe('DENY_EXPLICIT')
  })

  test('an explanation says what was not met', () => {
    const { layers } = explain([layerOf([say('Allow', OFFICE)])], ask('2026-01-02T18:00:00+05:30'))
    expect(layers[0]?.near_misses[0]).toMatchObject({
      operator: 'TimeOfDay',
      key: 'request.time',
      expected: ['08:00-18:00 Asia/Kolkata'],
      also_failed: [],
    })
  })

  const codes = (condition: string): string[] => diagnosticsOf(condition).map(({ code }) => code)

  test.each([
    ['{"TimeOfDay": {"request.time": "08:00-18:00 Asia/Kolkata"}}', []],
    ['{"NotWeekdayIfExists": {"orders.placed": ["Sat UTC", "Sun UTC"]}}', []],
    ['{"TimeOfDay": {"request.time": "08:00-18:00"}}', ['E_VALUE']],
    ['{"TimeOfDay": {"request.time": "08:00-18:00 Asia/Nowhere"}}', ['E_VALUE']],
    ['{"TimeOfDay": {"request.time": "${caller.attributes.hours, \'08:00-18:00 UTC\'}"}}', ['E_VALUE']],
    ['{"Weekday": {"request.time": "08:00-18:00 UTC"}}', ['E_VALUE']],
    ['{"Weekday": {"caller.id": "Mon UTC"}}', ['E_OP_TYPE']],
    ['{"ForAnyValue:Weekday": {"request.time": "Mon UTC"}}', ['E_SET_FORBIDDEN']],
    ['{"TimeOfTheDay": {"request.time": "08:00-18:00 UTC"}}', ['E_OP_UNKNOWN']],
  ])('the validator says of %s: %j', (condition, expected) => expect(codes(condition)).toEqual(expected))

  test('the proofs: the same is within itself, with its contrary it is everything, and of others nothing is known', () => {
    const isWithin = (after: readonly Statement[], granter: readonly Statement[]): boolean =>
      findUnprovenRight({ caller: {}, before: [], after: [layerOf(after)], granter: [layerOf(granter)] }) ===
      undefined
    const day = say('Allow', { TimeOfDay: { 'request.time': '08:00-18:00 Asia/Kolkata' } })
    const wide = say('Allow', { TimeOfDay: { 'request.time': '07:00-19:00 Asia/Kolkata' } })
    const elsewhere = say('Allow', { TimeOfDay: { 'request.time': '08:00-18:00 UTC' } })
    expect(isWithin([day], [day])).toBe(true)
    expect(isWithin([say('Allow', OFFICE)], [day])).toBe(true)
    expect(isWithin([day], [say('Allow', OFFICE)])).toBe(false)
    expect(isWithin([say('Allow')], [day, say('Allow', NIGHT)])).toBe(true)
    expect(isWithin([wide], [day])).toBe(false)
    expect(isWithin([day], [elsewhere])).toBe(false)
    expect(isWithin([day], [say('Allow'), say('Deny', NIGHT)])).toBe(true)
    expect(isWithin([wide], [say('Allow'), say('Deny', NIGHT)])).toBe(false)
  })

  test('a plan finds what other hours, or other days, give and take', () => {
    const changes = (before: ConditionBlock, after: ConditionBlock): readonly string[] => {
      const principal = { 'principal.id': 'a', 'principal.role': 'client', 'principal.path': 'a' }
      const comparison = createAccessComparison()
      comparison.add({
        id: 'a',
        principal,
        context: {
          'caller.id': 'a',
          'caller.role': 'client',
          'caller.path': 'a',
          'request.time': 1767225600,
        },
        before: [layerOf([say('Allow', before)], principal)],
        after: [layerOf([say('Allow', after)], principal)],
        catalogues: { before: CATALOGUE, after: CATALOGUE },
      })
      return comparison
        .result()
        .changes.map(({ verb }) => verb)
        .toSorted()
    }
    const hours = (text: string): ConditionBlock => ({ TimeOfDay: { 'request.time': text } })
    expect(changes(hours('08:00-18:00 UTC'), hours('08:00-18:01 UTC'))).toEqual(['gain'])
    expect(changes(hours('08:00-18:00 UTC'), hours('09:00-18:00 UTC'))).toEqual(['lose'])
    expect(changes(hours('08:00-18:00 UTC'), hours('08:00-18:00 Etc/UTC'))).toEqual([])
    expect(
      changes({ Weekday: { 'request.time': 'Mon-Fri UTC' } }, { Weekday: { 'request.time': 'Mon-Sat UTC' } }),
    ).toEqual(['gain'])
  })
})
