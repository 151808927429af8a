import { surroundings } from '../surroundings.ts'

const CLEAR_LINE = '\r\u001B[K'
const EVERY_MS = 100

/** How far long work has come; it is gone from the terminal at the end of the block that uses it. */
export interface Progress extends Disposable {
  readonly show: (text: string) => void
}

/** One line on a terminal that says how far long work has come; nothing elsewhere. Begin it by `using`. */
export const startProgress = (): Progress => {
  const { stderr } = surroundings()
  let shownAt = 0
  return {
    show: (text) => {
      if (stderr.isTTY !== true || performance.now() - shownAt < EVERY_MS) return
      shownAt = performance.now()
      stderr.write(`${CLEAR_LINE}${text}`)
    },
    [Symbol.dispose]: () => {
      if (stderr.isTTY === true && shownAt > 0) stderr.write(CLEAR_LINE)
    },
  }
}
