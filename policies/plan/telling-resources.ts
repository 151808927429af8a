import type { DeclaredAction } from '../catalogue.ts'
import { holdsAll } from '../engine/compile.ts'
import { viewOf, type Context, type OwnedLayer } from '../engine/decide.ts'
import { globUnits, literalUnits, matchGlob, type Glob } from '../engine/match.ts'
import { resolveText, type Template, type View } from '../engine/template.ts'
import type { Steps } from '../steps.ts'
import type { Placed } from './placed.ts'
import { requestKeysIn } from './request-keys.ts'
import { Reader, tellingTexts } from './texts.ts'

/** How many resources are asked about, for one action in one context. */
const MAX_RESOURCES = 64

/** A resource with what answers about it depend on: its type, which statements hold, which patterns match. */
export interface Telling {
  readonly resource: string
  readonly kind: bigint
}

/** A pattern of a statement, in its place among all that are looked at. */
interface Pattern {
  readonly statement: number
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

/** The statements whose conditions hold. */
const holdingIn = (about: readonly Placed[], context: Context): boolean[] => {
  const request = { action: '', resource: '', context }
  const views = new Map<OwnedLayer, View>()
  return about.map(({ statement, owned }) => {
    const view = views.get(owned) ?? viewOf(owned, request)
    views.set(owned, view)
    return holdsAll(statement, view)
  })
}

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
    let bits = BigInt(types.length)
    const nextBit = (): bigint => 1n << bits++
    const patterns: Pattern[] = []
    const setBits = about.map(({ statement: { resource }, owned }, statement) => {
      const bit = nextBit()
      for (const template of resource.patterns) {
        const isFixed = requestKeysIn([template]).length === 0
        const fixed = isFixed ? resolve({ template, owned }, facts) : undefined
        patterns.push({ statement, bit: nextBit(), template, owned, fixed })
      }
      return bit
    })
    const fixedKinds = new Map<string, bigint>()
    /** The type of a resource, and the fixed patterns that match it. */
    const fixedKind = (resource: string): bigint => {
      const known = fixedKinds.get(resource)
      if (known !== undefined) return known
      let kind = 0n
      for (const [n, type] of types.entries()) if (resource.startsWith(`${type}/`)) kind |= 1n << BigInt(n)
      for (const { fixed, bit } of patterns) if (fixed !== undefined && matches(fixed, resource)) kind |= bit
      fixedKinds.set(resource, kind)
      return kind
    }
    return function* (context: Context): Steps<Telling[]> {
      const holding = holdingIn(about, context)
      const globs = new Map<string, Glob>()
      const varying: (readonly [bigint, Resolved])[] = []
      let holdingKind = 0n
      let mask = (1n << BigInt(types.length)) - 1n
      for (const [i, bit] of setBits.entries()) if (holding[i] === true) holdingKind |= bit
      for (const pattern of patterns) {
        if (holding[pattern.statement] !== true) continue
        const resolved = pattern.fixed ?? resolve(pattern, context)
        if (pattern.fixed === undefined) varying.push([pattern.bit, resolved])
        else mask |= pattern.bit
        const { glob, text } = resolved
        if (glob !== undefined && text !== STAR) globs.set(text, glob)
      }
      const found = yield* textsFor(globs, types)
      return found.map((resource) => {
        let kind = holdingKind | (fixedKind(resource) & mask)
        for (const [bit, resolved] of varying) if (matches(resolved, resource)) kind |= bit
        return { resource, kind }
      })
    }
  }
}
