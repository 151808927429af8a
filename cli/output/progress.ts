import { surroundings } from '../surroundings.ts'

const CLEAR_LINE = '\r\u001B[K'
const EVERY_MS = 100

/** One line on a terminal that says how far long work has come; nothing elsewhere. */
export const startProgress = (): { show: (text: string) => void; end: () => void } => {
  const { stderr } = surroundings()
  let shownAt = 0
  return {
    show: (text) => {
      if (stderr.isTTY !== true || performance.now() - shownAt < EVERY_MS) return
      shownAt = performance.now()
      stderr.write(`${CLEAR_LINE}${text}`)
    },
    end: () => {
      if (stderr.isTTY === true && shownAt > 0) stderr.write(CLEAR_LINE)
    },
  }
}
