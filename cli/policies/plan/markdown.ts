import type { Plan } from '../../../policies/plan/index.ts'
import { makeSafe } from '../../output/text.ts'
import { accessLines, headOf, objectLines, obstacleLines, type Line } from './lines.ts'
import { accessWords, changesWords, commitWords, subjectOf } from './words.ts'

/** A comment of a pull request holds no more characters. */
const MAX_COMMENT = 65_536
/** What stands around the two lists. */
const MAX_FRAME = 4096

const drawn = ({ sign, depth, text }: Line): string =>
  `${sign} ${'  '.repeat(depth - 1)}${makeSafe(text)}`.trimEnd()

/** The lines that fit into so many characters, and how many there are no room for. */
const fitting = (lines: readonly Line[], room: number): string[] => {
  const shown: string[] = []
  let left = room
  for (const [i, each] of lines.entries()) {
    const text = drawn(each)
    left -= text.length + 1
    if (left < 0) return [...shown, `  and ${lines.length - i} more lines: see the plan with -o json`]
    shown.push(text)
  }
  return shown
}

/** A fence that nothing in the text can close. */
const fenced = (lines: readonly string[]): string => {
  const longest = Math.max(2, ...lines.flatMap((each) => each.match(/`+/g) ?? []).map(({ length }) => length))
  const fence = '`'.repeat(longest + 1)
  return [`${fence}diff`, ...lines, fence].join('\n')
}

const details = (title: string, lines: readonly string[], isOpen: boolean): string =>
  lines.length === 0
    ? ''
    : `<details${isOpen ? ' open' : ''}><summary>${title}</summary>\n\n${fenced(lines)}\n\n</details>`

const escaped = (text: string): string =>
  makeSafe(text).replace(/[<>&]/g, (each) => (each === '<' ? '&lt;' : each === '>' ? '&gt;' : '&amp;'))

const lengthOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, each) => sum + drawn(each).length + 1, 0)

/**
 * A plan as a comment of a pull request: who gains and loses what is open, the objects fold out. It never has
 * more than 65,536 characters: where all that changes inside of objects is too long, their names are listed,
 * and then as many as fit.
 */
export const planMarkdown = (plan: Plan): string => {
  const access = fitting(accessLines(plan.access), MAX_COMMENT / 4)
  const obstacles = fitting(obstacleLines(plan), MAX_COMMENT / 8)
  const whole = objectLines(plan.changes)
  const room = MAX_COMMENT - MAX_FRAME - [...access, ...obstacles].join('\n').length
  const objects = fitting(lengthOf(whole) <= room ? whole : plan.changes.map(headOf), room)
  return [
    `### Policies: ${escaped(accessWords(plan.access))}`,
    `${escaped(subjectOf(plan))}; ${escaped(commitWords(plan.order))}. ${escaped(changesWords(plan.changes))}.`,
    obstacles.length === 0 ? '' : fenced(obstacles),
    details('Who gains and loses what', access, true),
    details('What changes', objects, false),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}
