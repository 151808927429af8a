import {
  isAlias,
  isScalar,
  isSeq,
  parseAllDocuments,
  Scalar,
  type Document,
  type ParsedNode,
  type Pair,
} from 'yaml'
import { BOUNDS } from '../language.ts'
import type { JsonNode, JsonProblem, Member, ParsedText } from '../text/json.ts'

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/
/** What one reader of YAML takes for a text, and another for true, false, null, a number or a time. */
const AMBIGUOUS = [
  /^(?:y|n|yes|no|on|off|true|false|null|~)$/i,
  /^[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?$/,
  /^[-+]?0[xob][0-9a-f_]+$/i,
  /^[-+]?\.(?:inf|nan|[0-9].*)$/i,
  /^[-+]?[0-9]+(?::[0-5]?[0-9])+(?:\.[0-9]*)?$/,
]

class Unreadable extends Error {
  readonly problem: JsonProblem
  constructor(at: number, message: string, hint?: string) {
    super(message)
    this.problem = { code: 'E_JSON', at, message, ...(hint === undefined ? {} : { hint }) }
  }
}

const AS_TEXT = 'Put it into quotes if it is a text; write true, false, null or a JSON number if it is none.'
const PLAIN_YAML =
  'Write YAML 1.2 that every reader takes alike: one document without anchors, aliases, tags and directives.'

/** What a tag that begins with `!!` stands for. */
const CORE_TAG = 'tag:yaml.org,2002:'
const TOO_DEEP = `nested deeper than ${BOUNDS.nesting} levels`

const isPlain = ({ type }: Scalar): boolean => type === Scalar.PLAIN

class Reader {
  readonly problems: JsonProblem[] = []
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  read(node: ParsedNode | null, depth = 0): JsonNode {
    if (node === null) throw new Unreadable(0, 'the text ends where a value should be', PLAIN_YAML)
    const [at, end] = node.range
    this.#refuseExtras(node, at)
    if (isAlias(node)) throw new Unreadable(at, 'an alias stands where a value should be', PLAIN_YAML)
    if (isScalar(node)) return this.#scalar(node, { at, end })
    if (depth >= BOUNDS.nesting) throw new Unreadable(at, TOO_DEEP)
    if (isSeq(node))
      return {
        kind: 'array',
        at,
        end,
        items: node.items.map((item) => this.read(item, depth + 1)),
      }
    return { kind: 'object', at, end, members: this.#members(node.items, depth) }
  }

  /** An anchor or a tag stands before what it is of, perhaps lines above it. */
  #refuseExtra(mark: string, before: number, message: string): void {
    const found = this.#text.lastIndexOf(mark, before)
    const at = found === -1 ? before : found
    this.problems.push({ code: 'E_JSON', at, message, hint: PLAIN_YAML })
  }

  #refuseExtras(node: ParsedNode, at: number): void {
    if ('anchor' in node && node.anchor !== undefined)
      this.#refuseExtra(`&${node.anchor}`, at, 'an anchor is not read here')
    if (node.tag === undefined) return
    const mark = node.tag.startsWith(CORE_TAG) ? '!!' : '!'
    this.#refuseExtra(mark, at, `a tag (${node.tag}) is not read here`)
  }

  #scalar(node: Scalar, place: { at: number; end: number }): JsonNode {
    const { at } = place
    const value = String(node.value)
    if (!value.isWellFormed()) throw new Unreadable(at, 'half of a surrogate pair is no character')
    if (!isPlain(node)) return { kind: 'string', ...place, value }
    if (value === 'true' || value === 'false') return { kind: 'boolean', ...place, value: value === 'true' }
    if (value === 'null') return { kind: 'null', ...place }
    if (NUMBER.test(value)) return { kind: 'number', ...place, value: Number(value), source: value }
    if (value === '')
      this.problems.push({
        code: 'E_JSON',
        at,
        message: 'nothing stands where a value should be',
        hint: "Write the value, '' for an empty text, or null.",
      })
    else this.#refuseAmbiguous(value, at)
    return { kind: 'string', ...place, value }
  }

  #refuseAmbiguous(value: string, at: number): void {
    if (AMBIGUOUS.some((pattern) => pattern.test(value)))
      this.problems.push({
        code: 'E_JSON',
        at,
        message: `${value} is read as a text by some and as something else by others`,
        hint: AS_TEXT,
      })
  }

  #members(pairs: readonly Pair<ParsedNode, ParsedNode | null>[], depth: number): Member[] {
    const seen = new Set<string>()
    return pairs.map(({ key: node, value }) => {
      const keyAt = node.range[0]
      this.#refuseExtras(node, keyAt)
      if (!isScalar(node)) throw new Unreadable(keyAt, 'a key must be a text', PLAIN_YAML)
      const key = String(node.value)
      if (isPlain(node)) this.#refuseAmbiguous(key, keyAt)
      if (seen.has(key))
        this.problems.push({ code: 'E_DUP_KEY', at: keyAt, message: `${JSON.stringify(key)} is there twice` })
      seen.add(key)
      const nothing: JsonNode = { kind: 'null', at: keyAt, end: keyAt }
      if (value === null)
        this.problems.push({
          code: 'E_JSON',
          at: keyAt,
          message: 'nothing stands where a value should be',
          hint: "Write the value, '' for an empty text, or null.",
        })
      return { key, keyAt, value: value === null ? nothing : this.read(value, depth + 1) }
    })
  }
}

/** Texts, lists and maps: what a plain scalar means is decided here and not by a schema. */
const OPTIONS = {
  version: '1.2',
  schema: 'failsafe',
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const

const refuseStream = (documents: readonly Document.Parsed[], text: string): void => {
  const [document, second] = documents
  if (text.startsWith('\ufeff'))
    throw new Unreadable(
      0,
      'a byte order mark is not read here: save the file as UTF-8 without one',
      PLAIN_YAML,
    )
  if (second !== undefined) throw new Unreadable(second.range[0], 'a second document begins here', PLAIN_YAML)
  const broken = document?.errors[0] ?? document?.warnings[0]
  if (broken?.code === 'RESOURCE_EXHAUSTION') throw new Unreadable(broken.pos[0], TOO_DEEP)
  if (broken !== undefined)
    throw new Unreadable(broken.pos[0], `this is not YAML: ${broken.message}`, PLAIN_YAML)
  if (document?.directives.yaml.explicit === true)
    throw new Unreadable(0, 'a directive is not read here', PLAIN_YAML)
}

/**
 * Reads the part of YAML 1.2 that every reader takes alike, into what the JSON reader gives: the same checks
 * say the same of both. Anchors, aliases, tags, directives, several documents, keys that are there twice and
 * plain scalars that some readers take for something else (`yes`, `012`, `12:30`) are problems. Never throws.
 */
export const parseYaml = (text: string): ParsedText => {
  const reader = new Reader(text)
  try {
    const documents = parseAllDocuments(text, OPTIONS)
    const parsed = Array.isArray(documents) ? (documents as Document.Parsed[]) : []
    refuseStream(parsed, text)
    const node = reader.read(parsed[0]?.contents ?? null)
    return { node, problems: reader.problems }
  } catch (error) {
    // The reader of the package calls itself for each level.
    if (error instanceof RangeError)
      return {
        node: undefined,
        problems: [{ code: 'E_JSON', at: 0, message: TOO_DEEP }],
      }
    if (!(error instanceof Unreadable)) throw error
    return { node: undefined, problems: [...reader.problems, error.problem] }
  }
}
