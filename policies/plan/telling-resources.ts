import type { DeclaredAction } from '../catalogue.ts'
import { viewOf, type Context, type OwnedLayer } from '../engine/decide.ts'
import { globUnits, literalUnits, matchGlob, type Glob } from '../engine/match.ts'
import { resolveText, type Template } from '../engine/template.ts'
import type { Steps } from '../steps.ts'
import type { Placed } from './placed.ts'
import { requestKeysIn } from './request-keys.ts'
import { Reader, tellingTexts } from './texts.ts'

/** How many resources are asked about, for one action in one context. */
const MAX_RESOURCES = 64

/** A resource with what answers about it depend on: its type, which statements fail, which patterns match. */
export interface Telling {
  readonly resource: string
  readonly kind: bigint
}

/** A pattern of a statement, in its place among all that are looked at. */
interface Pattern {
  /** Its statement, as a bit. */
  readonly statement: bigint
  readonly bit: bigint
  readonly template: Template
  readonly owned: OwnedLayer
  /** What it matches whatever a request says; absent if it has variables of requests. */
  readonly fixed?: Resolved | undefined
}

/** What a pattern matches in a context; undefined, nothing: one of its variables has no value. */
interface Resolved {
  readonly glob: Glob | undefined
  readonly text: string
}

const STAR = String(globUnits('*'))

const resolve = ({ template, owned }: Pick<Pattern, 'template' | 'owned'>, context: Context): Resolved => {
  const view = viewOf(owned, { action: '', resource: '', context })
  const glob: number[] = []
  for (const part of template) {
    const piece = typeof part === 'object' && !('key' in part) ? part : resolveText([part], view)
    if (piece === undefined) return { glob: undefined, text: '' }
    for (const unit of typeof piece === 'string' ? literalUnits(piece) : piece) glob.push(unit)
  }
  return { glob, text: String(glob) }
}

const matches = ({ glob }: Resolved, resource: string): boolean =>
  glob !== undefined && matchGlob(glob, resource)

/** Texts that tell patterns apart; what was looked for once is kept. */
const createTexts = () => {
  const kept = new Map<string, readonly string[]>()
  const readers = new Map<string, Reader>()
  return function* (globs: ReadonlyMap<string, Glob>, types: readonly string[]): Steps<readonly string[]> {
    const key = JSON.stringify([types, [...globs.keys()].sort()])
    const known = kept.get(key)
    if (known !== undefined) return known
    const texts = yield* tellingTexts({
      readers: [...globs].map(([text, glob]) => {
        const reader = readers.get(text) ?? new Reader(glob)
        readers.set(text, reader)
        return reader
      }),
      beginnings: types.map((type) => `${type}/`),
      isPath: true,
      most: MAX_RESOURCES,
    })
    kept.set(key, texts)
    return texts
  }
}

/**
 * Begins to look for resources that tell the statements about an action apart. In each context only those
 * that hold count. Resources of patterns that several actions share are looked for once.
 */
export const createResources = (facts: Context) => {
  const textsFor = createTexts()
  return (about: readonly Placed[], { resources: types }: DeclaredAction) => {
    // The lowest bits say which statements fail.
    let bits = BigInt(about.length)
    const nextBit = (): bigint => 1n << bits++
    const ofTypes = types.map((type) => ({ beginning: `${type}/`, bit: nextBit() }))
    const patterns = about.flatMap(({ statement: { resource }, owned }, n): Pattern[] =>
      resource.patterns.map((template) => {
        const isFixed = requestKeysIn([template]).length === 0
        const fixed = isFixed ? resolve({ template, owned }, facts) : undefined
        return { statement: 1n << BigInt(n), bit: nextBit(), template, owned, fixed }
      }),
    )
    const fixedKinds = new Map<string, bigint>()
    /** The type of a resource, and the fixed patterns that match it. */
    const fixedKind = (resource: string): bigint => {
      const known = fixedKinds.get(resource)
      if (known !== undefined) return known
      let kind = 0n
      for (const { beginning, bit } of ofTypes) if (resource.startsWith(beginning)) kind |= bit
      for (const { fixed, bit } of patterns) if (fixed !== undefined && matches(fixed, resource)) kind |= bit
      fixedKinds.set(resource, kind)
      return kind
    }
    return function* (context: Context, failing: bigint): Steps<Telling[]> {
      const globs = new Map<string, Glob>()
      const varying: (readonly [bigint, Resolved])[] = []
      let mask = ofTypes.reduce((all, { bit }) => all | bit, 0n)
      for (const pattern of patterns) {
        if ((failing & pattern.statement) !== 0n) continue
        const resolved = pattern.fixed ?? resolve(pattern, context)
        if (pattern.fixed === undefined) varying.push([pattern.bit, resolved])
        else mask |= pattern.bit
        const { glob, text } = resolved
        if (glob !== undefined && text !== STAR) globs.set(text, glob)
      }
      const found = yield* textsFor(globs, types)
      return found.map((resource) => {
        let kind = failing | (fixedKind(resource) & mask)
        for (const [bit, resolved] of varying) if (matches(resolved, resource)) kind |= bit
        return { resource, kind }
      })
    }
  }
}
