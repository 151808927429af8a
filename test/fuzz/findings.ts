import type { Actor } from './actors.ts'

/** One kind of wrong answer: how often, and the first request that got it. */
export interface Finding {
  readonly what: string
  times: number
  readonly actor: Actor
  readonly request: string
  readonly answer: string
}

/** What was found, each kind once. */
export class Findings {
  readonly #found = new Map<string, Finding>()
  readonly #tell: (finding: Finding) => void

  /** Tells of each kind when it comes first. */
  constructor(tell: (finding: Finding) => void = () => undefined) {
    this.#tell = tell
  }

  get all(): Finding[] {
    return [...this.#found.values()]
  }

  add(what: string, about: Omit<Finding, 'what' | 'times'>): void {
    const known = this.#found.get(what)
    if (known !== undefined) known.times++
    else {
      const finding = { what, times: 1, ...about }
      this.#found.set(what, finding)
      this.#tell(finding)
    }
  }
}
