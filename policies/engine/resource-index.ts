// SPDX-License-Identifier: LGPL-3.0-or-later
import { ANY_RUN } from './match.ts'
import {
  isVariable,
  literalPrefix,
  matchTemplate,
  textOf,
  type Template,
  type Variable,
  type View,
} from './template.ts'

/** A text that is looked up; its beginnings are cut off when they are first asked for, and kept. */
export class Beginnings {
  readonly text: string
  /** How long they are, and those that were cut off. */
  #lengths: number[] | undefined
  #directories: (string | undefined)[] | undefined
  #rest: Beginnings | undefined

  constructor(text: string) {
    this.text = text
  }

  /** What stands up to and including the `/` of this number, from 1; undefined: there are fewer. */
  directory(depth: number): string | undefined {
    const lengths = (this.#lengths ??= [])
    const directories = (this.#directories ??= [])
    while (lengths.length < depth) {
      const at = this.text.indexOf('/', lengths.at(-1) ?? 0)
      if (at === -1) return undefined
      lengths.push(at + 1)
      directories.push(undefined)
    }
    return (directories[depth - 1] ??= this.text.slice(0, lengths[depth - 1]))
  }

  /**
   * What stands behind so many characters; the last one is kept, for layers of one account ask for the same.
   */
  behind(length: number): Beginnings {
    const known = this.#rest
    if (known !== undefined && known.text.length === this.text.length - length) return known
    return (this.#rest = new Beginnings(this.text.slice(length)))
  }
}

/** What is found in an entry whose pattern matches; something ends the search. */
export type Probe<T, R> = (entry: T, view: View) => R | undefined

interface Placed<T> {
  readonly entry: T
  readonly pattern: Template
}

/** Patterns that go on with a variable; what its text leaves is looked up among what stands behind it. */
interface Branch<T> {
  readonly literal: string
  /** Its place in the index says already that a text begins with the literal. */
  readonly isSettled: boolean
  readonly variable: Variable
  readonly behind: ResourceIndex<T>
}

/** Patterns with one beginning. Most are `directory/*`: their place alone says that they match. */
class Bucket<T> {
  #settled: T | undefined
  #placed: Placed<T>[] | undefined
  #branches: Branch<T>[] | undefined

  /** `isDirectory`: all that stands in this place matches the pattern. */
  add(entry: T, pattern: Template, isDirectory = false): void {
    if (isDirectory && this.#settled === undefined) this.#settled = entry
    else (this.#placed ??= []).push({ entry, pattern })
  }

  /** What stands behind a variable, and behind a text before it, which begins with the directory. */
  behind(literal: string, variable: Variable, directory: string): ResourceIndex<T> {
    const branches = (this.#branches ??= [])
    const known = branches.find(
      (branch) =>
        branch.literal === literal &&
        branch.variable.key === variable.key &&
        branch.variable.fallback === variable.fallback,
    )
    if (known !== undefined) return known.behind
    const isSettled = literal === directory
    const branch = { literal, isSettled, variable, behind: new ResourceIndex<T>() }
    branches.push(branch)
    return branch.behind
  }

  find<R>(beginnings: Beginnings, view: View, probe: Probe<T, R>): R | undefined {
    if (this.#settled !== undefined) {
      const found = probe(this.#settled, view)
      if (found !== undefined) return found
    }
    if (this.#placed !== undefined) {
      const found = findMatching(this.#placed, beginnings.text, { view, probe })
      if (found !== undefined) return found
    }
    return this.#branches && findBehind(this.#branches, beginnings, { view, probe })
  }
}

const findMatching = <T, R>(
  placed: readonly Placed<T>[],
  text: string,
  { view, probe }: { view: View; probe: Probe<T, R> },
): R | undefined => {
  for (const { entry, pattern } of placed) {
    const found = matchTemplate(pattern, text, view) ? probe(entry, view) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

const findBehind = <T, R>(
  branches: readonly Branch<T>[],
  beginnings: Beginnings,
  { view, probe }: { view: View; probe: Probe<T, R> },
): R | undefined => {
  const { text } = beginnings
  for (const { literal, isSettled, variable, behind } of branches) {
    const value = isSettled || text.startsWith(literal) ? textOf(variable, view) : undefined
    if (value === undefined || !text.startsWith(value, literal.length)) continue
    const found = behind.find(beginnings.behind(literal.length + value.length), view, probe)
    if (found !== undefined) return found
  }
  return undefined
}

const depthOf = (directory: string): number => directory.split('/').length - 1

/** Whether the pattern is `directory*`, the directory with its `/`; or, of none, a star alone. */
const isDirectory = (pattern: Template, directory: string): boolean => {
  const rest = pattern.at(-1)
  const isStar = typeof rest === 'object' && !isVariable(rest) && rest.length === 1 && rest[0] === ANY_RUN
  return (
    isStar && (directory === '' ? pattern.length === 1 : pattern.length === 2 && pattern[0] === directory)
  )
}

/** Patterns by what they begin with: whole, up to a `/`, and on behind a variable. */
class Places<T> {
  /** By the whole text, for patterns without wildcards and variables. */
  readonly #exact = new Map<string, T>()
  /** By the beginning up to and including a `/`. */
  readonly #prefixes = new Map<string, Bucket<T>>()
  /** For each number of `/` in those beginnings whether there is one: nothing else is looked up. */
  readonly #depths: boolean[] = []
  /** Those whose beginning says nothing. */
  #others: Bucket<T> | undefined

  #bucket(directory: string): Bucket<T> {
    if (directory === '') return (this.#others ??= new Bucket())
    this.#depths[depthOf(directory)] = true
    let bucket = this.#prefixes.get(directory)
    if (bucket === undefined) this.#prefixes.set(directory, (bucket = new Bucket()))
    return bucket
  }

  add(entry: T, pattern: Template): void {
    const { prefix, isWhole } = literalPrefix(pattern)
    if (isWhole && !this.#exact.has(prefix)) {
      this.#exact.set(prefix, entry)
      return
    }
    const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    const bucket = this.#bucket(directory)
    const next = prefix === '' ? 0 : 1
    const part = pattern[next]
    if (part !== undefined && isVariable(part))
      bucket.behind(prefix, part, directory).add(entry, pattern.slice(next + 1))
    else bucket.add(entry, pattern, isDirectory(pattern, directory))
  }

  find<R>(beginnings: Beginnings, view: View, probe: Probe<T, R>): R | undefined {
    if (this.#others !== undefined) {
      const found = this.#others.find(beginnings, view, probe)
      if (found !== undefined) return found
    }
    const exact = this.#exact.size === 0 ? undefined : this.#exact.get(beginnings.text)
    if (exact !== undefined) {
      const found = probe(exact, view)
      if (found !== undefined) return found
    }
    for (let depth = 1; depth < this.#depths.length; depth++) {
      if (this.#depths[depth] !== true) continue
      const directory = beginnings.directory(depth)
      if (directory === undefined) return undefined
      const found = this.#prefixes.get(directory)?.find(beginnings, view, probe)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** So few patterns are compared one by one, which is quicker than looking up. */
const FEW = 4

/**
 * Entries by patterns, found by the texts that those match. What is compared with a text is what may match
 * it, however many patterns there are.
 */
export class ResourceIndex<T> {
  readonly #few: Placed<T>[] = []
  #places: Places<T> | undefined

  /** Adds a pattern of an entry; an entry may have several. */
  add(entry: T, pattern: Template): void {
    if (this.#places !== undefined) return this.#places.add(entry, pattern)
    this.#few.push({ entry, pattern })
    if (this.#few.length <= FEW) return
    this.#places = new Places()
    for (const each of this.#few) this.#places.add(each.entry, each.pattern)
  }

  /** What is found first in entries of which a pattern matches; they come in no order that is promised. */
  find<R>(beginnings: Beginnings, view: View, probe: Probe<T, R>): R | undefined {
    return this.#places === undefined
      ? this.#findFew(beginnings.text, view, probe)
      : this.#places.find(beginnings, view, probe)
  }

  #findFew<R>(text: string, view: View, probe: Probe<T, R>): R | undefined {
    for (const { entry, pattern } of this.#few) {
      if (!matchTemplate(pattern, text, view)) continue
      const found = probe(entry, view)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** An index of entries that are made when a pattern, by its text, is first asked for. */
export const createEntries = <T>(
  index: ResourceIndex<T>,
  create: () => T,
): ((source: string, pattern: Template) => T) => {
  const known = new Map<string, T>()
  return (source, pattern) => {
    let entry = known.get(source)
    if (entry === undefined) {
      known.set(source, (entry = create()))
      index.add(entry, pattern)
    }
    return entry
  }
}
