import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseInSteps } from '../../daemon/http/parse-json.ts'

const FILLER = 'x'.repeat(30_000)
const LONG = 'y'.repeat(70_000)

/** What a text is read as, and how often that stopped; undefined: it is refused. */
const read = (text: string): { value: unknown; stops: number } | undefined => {
  const steps = parseInSteps(text)
  try {
    for (let stops = 0; ; stops++) {
      const step = steps.next()
      if (step.done === true) return { value: step.value, stops }
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return undefined
  }
}

/** As JSON.parse has it: its order of names, and what it refuses. */
const expectSame = (text: string): void => {
  let expected: unknown
  let isRefused = false
  try {
    expected = JSON.parse(text)
  } catch {
    isRefused = true
  }
  const found = read(text)
  expect(found === undefined).toBe(isRefused)
  if (found === undefined) return
  expect(JSON.stringify(found.value)).toBe(JSON.stringify(expected))
  expect(found.value).toEqual(expected)
}

/** Texts that are long by what they hold. */
const longText = fc
  .array(
    fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.constantFrom(FILLER, LONG, `\\"${FILLER}\\\\`).map((text) => `"${text}"`),
      fc.constantFrom('[]', '{}', ' { "a" : [ 1 , 2 ] } ', `{"__proto__":1,"7":"${FILLER}","a":2,"a":3}`),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .chain((values) =>
    fc.constantFrom(
      `[${values.join(',')}]`,
      `{${values.map((value, n) => `"${n % 5}k" : ${value}`).join(' , ')}}`,
      ` { "outer" : { "list" : [ ${values.join(' , ')} ] , "__proto__" : ${values[0]} } , "2" : "${LONG}" } `,
    ),
  )

describe('a long JSON text that is read in pieces', () => {
  test('is what JSON.parse makes of it', () => {
    fc.assert(fc.property(longText, expectSame), { numRuns: 200 })
  })

  test('is refused where JSON.parse refuses it, whatever character is missing, too much or another', () => {
    const edit = fc.record({
      text: longText,
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      cut: fc.constantFrom(0, 1, 2),
      put: fc.constantFrom('', ',', ':', '"', '[', ']', '{', '}', '\\', '1', ' ', 'x'),
    })
    fc.assert(
      fc.property(edit, ({ text, at, cut, put }) => {
        // Most characters are filling: what stands between them is where it breaks.
        const places = [...text.matchAll(/[^xy]/g)].map(({ index }) => index)
        const place = places[Math.min(places.length - 1, Math.floor(at * places.length))] ?? 0
        expectSame(text.slice(0, place) + put + text.slice(place + cut))
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['a name that is none', `{1:["${LONG}"]}`],
    ['a list with a colon', `[1:["${LONG}"]]`],
    ['a comma behind the last', `["${LONG}",]`],
    ['a comma behind the last, and blanks', `{"a":"${LONG}" , \n}`],
    ['two commas', `["${LONG}",,1]`],
    ['another bracket at the end', `["${LONG}"}`],
    ['more behind the end', `["${LONG}"] 1`],
    ['no end', `["${LONG}",["${LONG}"]`],
    ['nothing between', `[${' '.repeat(70_000)}]`],
    ['names without values', `{"a","b":"${LONG}"}`],
    ['many short ones', `[${'1,'.repeat(200_000)}1]`],
    ['an unfinished string', `["${LONG}\\"]`],
  ])('%s: as JSON.parse', (_what, text) => expectSame(text))

  test('deep nesting is read without going as deep', () => {
    expect(read(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)).toBeDefined()
    expect(read(`${'['.repeat(100_000)}${']'.repeat(99_999)}`)).toBeUndefined()
  })

  test('stops between its pieces, however deep they are', () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_none, n) => [`f${n}`, { text: FILLER.slice(0, 1000) }]),
    )
    const { stops = 0 } =
      read(JSON.stringify({ body: { files, plan: { changes: Object.values(files) } } })) ?? {}
    expect(stops).toBeGreaterThan(8)
  })
})
