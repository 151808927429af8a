import { BOUNDS } from '../language.ts'

/** Where something stands in a text: lines and columns from 1, columns in code units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A JSON value that knows where it stands; `end` is the place behind it. */
export type JsonNode = { readonly at: number; readonly end: number } & (
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number; readonly source: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly Member[] }
)

/** A key with its value; of keys that are there twice, each is a member. */
export interface Member {
  readonly key: string
  readonly keyAt: number
  readonly value: JsonNode
}

/** What is wrong with a text, at a code unit of it. */
export interface JsonProblem {
  readonly code: 'E_JSON' | 'E_DUP_KEY'
  readonly at: number
  readonly message: string
  /** What to do, where that is not what the code says of all its cases. */
  readonly hint?: string
}

/** A text that was read; `node` is undefined when it cannot be read at all. */
export interface ParsedText {
  readonly node: JsonNode | undefined
  readonly problems: readonly JsonProblem[]
}

/** Reads a text: JSON, or another language that says the same. */
export type Parse = (text: string) => ParsedText

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const SPACE = /[ \t\r\n]*/y
/** What a string holds besides escapes: no control characters. */
const PLAIN = /[^"\\\u0000-\u001f]*/y // eslint-disable-line no-control-regex
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}
const WORDS = { true: true, false: false, null: null } as const

class Unreadable extends Error {
  readonly problem: JsonProblem
  constructor(at: number, message: string) {
    super(message)
    this.problem = { code: 'E_JSON', at, message }
  }
}

/** Why people's JSON is not JSON, for the character that stands where something else should. */
const guess = (text: string, at: number, wanted: string): string => {
  const next = text.slice(at, at + 2)
  if (at >= text.length) return `the text ends where ${wanted} should be`
  if (next === '//' || next === '/*' || next.startsWith('#'))
    return 'comments are not JSON: use Description or Sid'
  if (next.startsWith("'")) return 'texts stand in double quotes'
  if (next.startsWith('\ufeff')) return 'a byte order mark is not JSON: save the file as UTF-8 without one'
  if (/^[\]}]/.test(next) && text.slice(0, at).trimEnd().endsWith(','))
    return 'a comma before the end of a list is not JSON'
  return `${JSON.stringify(next[0])} stands where ${wanted} should be`
}

class Reader {
  readonly problems: JsonProblem[] = []
  readonly text: string
  #at = 0

  constructor(text: string) {
    this.text = text
  }

  read(): JsonNode {
    const value = this.#value(0)
    this.#space()
    if (this.#at < this.text.length) this.#fail('the end')
    return value
  }

  #fail(wanted: string, at = this.#at): never {
    throw new Unreadable(at, guess(this.text, at, wanted))
  }

  #space(): void {
    SPACE.lastIndex = this.#at
    SPACE.test(this.text)
    this.#at = SPACE.lastIndex
  }

  /** Whether the character comes next; it is then passed. */
  #takes(character: string): boolean {
    this.#space()
    if (this.text[this.#at] !== character) return false
    this.#at += 1
    return true
  }

  #value(depth: number): JsonNode {
    this.#space()
    const at = this.#at
    const first = this.text[at]
    if (first === '{' || first === '[') {
      if (depth >= BOUNDS.nesting) throw new Unreadable(at, `nested deeper than ${BOUNDS.nesting} levels`)
      this.#at += 1
      return first === '{' ? this.#object(at, depth + 1) : this.#array(at, depth + 1)
    }
    if (first === '"') {
      const value = this.#string()
      return { kind: 'string', at, end: this.#at, value }
    }
    for (const [word, value] of Object.entries(WORDS)) {
      if (!this.text.startsWith(word, at)) continue
      this.#at += word.length
      const end = this.#at
      return value === null ? { kind: 'null', at, end } : { kind: 'boolean', at, end, value }
    }
    return this.#number(at)
  }

  #number(at: number): JsonNode {
    NUMBER.lastIndex = at
    if (!NUMBER.test(this.text)) this.#fail('a value')
    const end = NUMBER.lastIndex
    if (/[\w.]/.test(this.text[end] ?? '')) throw new Unreadable(at, 'this is not a number')
    this.#at = end
    const source = this.text.slice(at, end)
    return { kind: 'number', at, end, value: Number(source), source }
  }

  #array(at: number, depth: number): JsonNode {
    const items: JsonNode[] = []
    if (this.#takes(']')) return { kind: 'array', at, end: this.#at, items }
    do items.push(this.#value(depth))
    while (this.#takes(','))
    if (!this.#takes(']')) this.#fail('a comma')
    return { kind: 'array', at, end: this.#at, items }
  }

  #object(at: number, depth: number): JsonNode {
    const members: Member[] = []
    const seen = new Set<string>()
    if (this.#takes('}')) return { kind: 'object', at, end: this.#at, members }
    do {
      this.#space()
      const keyAt = this.#at
      if (this.text[keyAt] !== '"') this.#fail('a key in double quotes')
      const key = this.#string()
      if (!this.#takes(':')) this.#fail('a colon')
      if (seen.has(key))
        this.problems.push({ code: 'E_DUP_KEY', at: keyAt, message: `${JSON.stringify(key)} is there twice` })
      seen.add(key)
      members.push({ key, keyAt, value: this.#value(depth) })
    } while (this.#takes(','))
    if (!this.#takes('}')) this.#fail('a comma')
    return { kind: 'object', at, end: this.#at, members }
  }

  #string(): string {
    const start = this.#at
    const pieces: string[] = []
    this.#at += 1
    for (;;) {
      PLAIN.lastIndex = this.#at
      PLAIN.test(this.text)
      pieces.push(this.text.slice(this.#at, PLAIN.lastIndex))
      this.#at = PLAIN.lastIndex
      const next = this.text[this.#at]
      if (next === '"') break
      if (next !== '\\') this.#failInString(start)
      pieces.push(this.#escape())
    }
    this.#at += 1
    const value = pieces.join('')
    if (!value.isWellFormed()) throw new Unreadable(start, 'half of a surrogate pair is no character')
    return value
  }

  #failInString(start: number): never {
    if (this.#at >= this.text.length) throw new Unreadable(start, 'this text is not closed')
    throw new Unreadable(this.#at, 'a line break or control character inside a string: write \\n or \\u….')
  }

  #escape(): string {
    const at = this.#at
    const letter = this.text[at + 1] ?? ''
    const simple = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined
    this.#at += simple === undefined ? 6 : 2
    if (simple !== undefined) return simple
    const hex = this.text.slice(at + 2, at + 6)
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(hex)) throw new Unreadable(at, 'there is no such escape')
    return String.fromCharCode(Number.parseInt(hex, 16))
  }
}

/**
 * Reads JSON as RFC 8259 has it, no more: a comment, a byte order mark, a trailing comma or deep nesting is a
 * problem, and so is a key that is there twice, of which `JSON.parse` would silently keep the last. `node` is
 * undefined when the text cannot be read at all. Never throws; takes time that grows with the text.
 */
export const parseJson = (text: string): ParsedText => {
  const reader = new Reader(text)
  try {
    const node = reader.read()
    return { node, problems: reader.problems }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error
    return { node: undefined, problems: [...reader.problems, error.problem] }
  }
}

/** Turns places of a text into lines and columns. */
export const positionsOf = (text: string): ((at: number) => Position) => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (at) => {
    let [low, high] = [0, starts.length - 1]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] as number) <= at) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: at - (starts[low] as number) + 1 }
  }
}

/** The plain value of a node, as `JSON.parse` gives it. */
export const plainValue = (node: JsonNode): unknown => {
  switch (node.kind) {
    case 'null':
      return null
    case 'array':
      return node.items.map(plainValue)
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plainValue(value)]))
    case 'string':
    case 'number':
    case 'boolean':
      return node.value
  }
}
