/** Reads on at each step; ends with the result. */
type Steps<T> = Generator<undefined, T, undefined>

/** So many characters are parsed at once: a millisecond or less. */
const PIECE = 65_536
/** Containers are taken apart so deep; what is long and nested deeper is parsed at once. */
const MAX_DEPTH = 6

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a]
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const NO_BLANK = /[^ \t\r\n]/g

/** The first place at or behind `from` that is no white space; the length of the text if there is none. */
const skipBlank = (text: string, from: number): number => {
  NO_BLANK.lastIndex = from
  return NO_BLANK.exec(text)?.index ?? text.length
}

/** The place behind a string that begins at `from`, its quote not counted. */
const endOfString = (text: string, from: number): number => {
  for (let at = from; ;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) return text.length
    let before = quote
    while (before > from && text.charCodeAt(before - 1) === BACKSLASH) before--
    at = quote + 1
    if ((quote - before) % 2 === 0) return at
  }
}

const malformed = (): never => {
  throw new SyntaxError('The text is no JSON.')
}

/** A name is one as any other, `__proto__` too: as JSON.parse has it. */
const setMember = (object: object, name: unknown, value: unknown): void => {
  if (typeof name !== 'string') malformed()
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
}

/** A value that stands between two places of a text. */
interface Span {
  readonly from: number
  readonly end: number
  readonly depth: number
}

/** The value of a list or an object, by its elements: many short ones are parsed together. */
function* containerOf(text: string, { from, end, depth }: Span): Steps<unknown> {
  const isObject = text.charCodeAt(from) === OPEN_OBJECT
  const list: unknown[] = []
  const object = {}
  /** Where the element begins that is being read, and the short ones before it that are not parsed yet. */
  let [element, short] = [from + 1, from + 1]
  /** Where the value of a member begins. */
  let value = element
  const takeShort = (to: number): void => {
    const several = text.slice(short, to)
    if (isObject)
      for (const [name, each] of Object.entries(JSON.parse(`{${several}}`) as object))
        setMember(object, name, each)
    else for (const each of JSON.parse(`[${several}]`) as unknown[]) list.push(each)
  }
  function* take(to: number): Steps<void> {
    if (skipBlank(text, element) >= to) malformed()
    if (to - short <= PIECE) return
    if (short < element) {
      takeShort(element - 1)
      yield
    }
    short = element
    if (to - element <= PIECE) return
    const inner = yield* valueOf(text, { from: isObject ? value : element, end: to, depth: depth + 1 })
    if (isObject) setMember(object, JSON.parse(text.slice(element, value - 1)), inner)
    else list.push(inner)
    short = to + 1
  }
  let nested = 0
  let pause = from + PIECE
  for (let at = from + 1; at < end;) {
    if (at > pause) {
      yield
      pause = at + PIECE
    }
    const unit = text.charCodeAt(at++)
    if (unit === QUOTE) at = endOfString(text, at)
    else if (unit === OPEN_LIST || unit === OPEN_OBJECT) nested++
    else if (unit === CLOSE_LIST || unit === CLOSE_OBJECT) {
      if (nested-- > 0) continue
      if ((unit === CLOSE_OBJECT) !== isObject || skipBlank(text, at) < end) malformed()
      // An empty one has no element; behind a comma there is one.
      if (element === from + 1 && skipBlank(text, element) === at - 1) return isObject ? object : list
      yield* take(at - 1)
      if (short < at - 1) takeShort(at - 1)
      return isObject ? object : list
    } else if (nested === 0 && unit === COMMA) {
      yield* take(at - 1)
      element = value = at
    } else if (nested === 0 && unit === COLON && value === element) value = at
  }
  return malformed()
}

function* valueOf(text: string, { from, end, depth }: Span): Steps<unknown> {
  const begin = skipBlank(text, from)
  const first = text.charCodeAt(begin)
  const isContainer = first === OPEN_LIST || first === OPEN_OBJECT
  if (end - begin <= PIECE || depth === MAX_DEPTH || !isContainer)
    return JSON.parse(text.slice(from, end)) as unknown
  return yield* containerOf(text, { from: begin, end, depth })
}

/**
 * Reads a JSON text (RFC 8259) piece by piece, and stops between them so that others may be served. Answers
 * what `JSON.parse` does, and throws a SyntaxError where it does.
 */
export const parseInSteps = (text: string): Steps<unknown> =>
  valueOf(text, { from: 0, end: text.length, depth: 0 })
