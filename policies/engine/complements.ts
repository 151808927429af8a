// SPDX-License-Identifier: LGPL-3.0-or-later
import { holdsAll, type CompiledStatement } from './compile.ts'
import { createEntries, ResourceIndex, type Beginnings } from './resource-index.ts'
import type { View } from './template.ts'

/** A pattern that statements leave out. */
interface Exclusion {
  /** The numbers of those statements. */
  readonly numbers: number[]
}

/**
 * Statements about all resources but some. Each pattern is compared once, however many statements leave out
 * what it matches.
 */
export class Complements {
  readonly #statements: readonly CompiledStatement[]
  readonly #exclusions = new ResourceIndex<Exclusion>()
  /** For each statement the number of the last question that it is not about. */
  readonly #excluded: number[]
  #question = 0

  constructor(statements: readonly CompiledStatement[]) {
    this.#statements = statements
    this.#excluded = statements.map(() => 0)
    const exclusionOf = createEntries(this.#exclusions, (): Exclusion => ({ numbers: [] }))
    for (const [number, { resource }] of statements.entries())
      for (const [i, pattern] of resource.patterns.entries()) {
        const { numbers } = exclusionOf(resource.sources[i] ?? '', pattern)
        if (numbers.at(-1) !== number) numbers.push(number)
      }
  }

  /** Marks the statements that are not about the text; whether none is left. */
  #exclude(beginnings: Beginnings, view: View): boolean {
    const question = ++this.#question
    const areAll = this.#exclusions.find(beginnings, view, ({ numbers }) => {
      if (numbers.length === this.#statements.length) return true
      for (const number of numbers) this.#excluded[number] = question
      return undefined
    })
    return areAll === true
  }

  /** The first statement that is about the resource and whose conditions hold. */
  find(beginnings: Beginnings, view: View): CompiledStatement | undefined {
    if (this.#exclude(beginnings, view)) return undefined
    for (const [number, statement] of this.#statements.entries())
      if (this.#excluded[number] !== this.#question && holdsAll(statement, view)) return statement
    return undefined
  }

  /** Every statement that is about the resource, whatever its conditions. */
  about(beginnings: Beginnings, view: View): readonly CompiledStatement[] {
    if (this.#exclude(beginnings, view)) return []
    return this.#statements.filter((_statement, number) => this.#excluded[number] !== this.#question)
  }
}
