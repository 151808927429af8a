// SPDX-License-Identifier: LGPL-3.0-or-later
import { ANY_RUN, standsAt } from './match.ts'
import {
  isVariable,
  literalPrefix,
  matchTemplate,
  textOf,
  type Template,
  type Variable,
  type View,
} from './template.ts'

/** What stands in a text up to and including a `/`. */
class Directory {
  readonly #text: string
  readonly #length: number
  #name: string | undefined
  #next: Directory | null | undefined

  constructor(text: string, length: number) {
    this.#text = text
    this.#length = length
  }

  /** It is cut off when it is first asked for, and kept. */
  get name(): string {
    return (this.#name ??= this.#text.slice(0, this.#length))
  }

  /** Whether it is this one. */
  is(name: string): boolean {
    return name.length === this.#length && standsAt(this.#text, name)
  }

  /** The one that goes up to the next `/`. */
  get next(): Directory | null {
    return this.#next === undefined ? (this.#next = directoryFrom(this.#text, this.#length)) : this.#next
  }
}

const directoryFrom = (text: string, from: number): Directory | null => {
  const at = text.indexOf('/', from)
  return at === -1 ? null : new Directory(text, at + 1)
}

/** A text that is looked up; its beginnings are found when they are first asked for, and kept. */
export class Beginnings {
  readonly text: string
  #directory: Directory | null | undefined
  #rest: Beginnings | undefined

  constructor(text: string) {
    this.text = text
  }

  /** What stands up to and including the first `/`; null: there is none. */
  get directory(): Directory | null {
    return this.#directory === undefined ? (this.#directory = directoryFrom(this.text, 0)) : this.#directory
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
  readonly variable: Variable
  readonly behind: ResourceIndex<T>
}

/** Patterns with one beginning. Most are `directory/*`: their place alone says that they match. */
class Bucket<T> {
  #settled: T | undefined
  #placed: Placed<T>[] | undefined
  #branches: Branch<T>[] | undefined

  /** `isDirectory`: all that stands in this place matches the pattern. */
  add(entry: T, pattern: Template, isDirectory: boolean): void {
    if (isDirectory && this.#settled === undefined) this.#settled = entry
    else (this.#placed ??= []).push({ entry, pattern })
  }

  /** What stands behind a variable, and behind a text before it. */
  behind(literal: string, variable: Variable): ResourceIndex<T> {
    const branches = (this.#branches ??= [])
    const known = branches.find(
      (branch) =>
        branch.literal === literal &&
        branch.variable.key === variable.key &&
        branch.variable.fallback === variable.fallback,
    )
    if (known !== undefined) return known.behind
    const branch = { literal, variable, behind: new ResourceIndex<T>() }
    branches.push(branch)
    return branch.behind
  }

  find<R>(beginnings: Beginnings, view: View, probe: Probe<T, R>): R | undefined {
    if (this.#settled !== undefined) {
      const found = probe(this.#settled, view)
      if (found !== undefined) return found
    }
    const found = this.#placed && findMatching(this.#placed, beginnings.text, { view, probe })
    return found ?? (this.#branches && findBehind(this.#branches, beginnings, { view, probe }))
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
  for (const { literal, variable, behind } of branches) {
    const value = standsAt(text, literal) ? textOf(variable, view) : undefined
    if (value === undefined || !standsAt(text, value, literal.length)) continue
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

/** Buckets of directories of one depth. Where there is only one, nothing is cut off to look it up. */
class Depth<T> {
  #first = ''
  #bucket: Bucket<T> | undefined
  #others: Map<string, Bucket<T>> | undefined

  /** The bucket of a directory, made if it is not there. */
  bucket(name: string): Bucket<T> {
    if (this.#bucket === undefined) this.#first = name
    if (name === this.#first) return (this.#bucket ??= new Bucket())
    const others = (this.#others ??= new Map<string, Bucket<T>>())
    let bucket = others.get(name)
    if (bucket === undefined) others.set(name, (bucket = new Bucket()))
    return bucket
  }

  /** The bucket of a directory, if it is there. */
  find(directory: Directory): Bucket<T> | undefined {
    return directory.is(this.#first) ? this.#bucket : this.#others?.get(directory.name)
  }
}

/** Patterns by what they begin with: whole, up to a `/`, and on behind a variable. */
class Places<T> {
  /** By the whole text, for patterns without wildcards and variables. */
  readonly #exact = new Map<string, T>()
  /** By the beginning up to and including a `/`, for each number of `/` that there is in one. */
  readonly #depths: (Depth<T> | undefined)[] = []
  /** Those whose beginning says nothing. */
  #others: Bucket<T> | undefined

  #bucket(directory: string): Bucket<T> {
    if (directory === '') return (this.#others ??= new Bucket())
    return (this.#depths[depthOf(directory)] ??= new Depth()).bucket(directory)
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
      bucket.behind(prefix, part).add(entry, pattern.slice(next + 1))
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
    const depths = this.#depths
    let { directory } = beginnings
    for (let depth = 1; depth < depths.length && directory !== null; depth++, directory = directory.next) {
      const found = depths[depth]?.find(directory)?.find(beginnings, view, probe)
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
      ? findMatching(this.#few, beginnings.text, { view, probe })
      : this.#places.find(beginnings, view, probe)
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
