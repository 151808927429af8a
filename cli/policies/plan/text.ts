import type { Plan } from '../../../policies/plan/index.ts'
import { paint, type Style } from '../../output/color.ts'
import { makeSafe } from '../../output/text.ts'
import { surroundings } from '../../surroundings.ts'
import { accessLines, objectLines, obstacleLines, type Line } from './lines.ts'
import { accessWords, changesWords, commitWords, subjectOf } from './words.ts'

const STYLES: Readonly<Record<Line['sign'], Style | undefined>> = {
  '+': 'green',
  '-': 'red',
  '~': 'yellow',
  '!': 'yellow',
  ' ': undefined,
}
const INDENT = 2
const DEFAULT_WIDTH = 80

type Wrap = (text: string, indent: number) => string[]

/** Lines end at the edge of a terminal; elsewhere nothing is broken. */
const wrapping = async (): Promise<Wrap> => {
  const { stdout } = surroundings()
  if (stdout.isTTY !== true) return (text) => [text]
  const { wrap } = await import('../../output/cells.ts')
  const room = stdout.columns || DEFAULT_WIDTH
  return (text, indent) => wrap(text, Math.max(20, room - indent))
}

const drawLine = ({ sign, depth, text }: Line, wrap: Wrap): string[] => {
  const indent = ' '.repeat((depth - 1) * INDENT)
  const style = STYLES[sign]
  const [first = '', ...rest] = wrap(makeSafe(text), indent.length + 2 * INDENT + 2)
  return [`${indent}  ${sign} ${first}`, ...rest.map((each) => `${indent}      ${each}`)].map((each) =>
    style === undefined ? each.trimEnd() : paint(surroundings().stdout, style, each),
  )
}

/** A plan as people read it: who gains and loses what first, then the objects, then what is in the way. */
export const planText = async (plan: Plan): Promise<string> => {
  const wrap = await wrapping()
  const bold = (text: string): string => paint(surroundings().stdout, 'bold', text)
  const section = (title: string, lines: readonly Line[]): string[] => [
    '',
    ...wrap(makeSafe(title), 0).map(bold),
    ...lines.flatMap((each) => drawLine(each, wrap)),
  ]
  const obstacles = obstacleLines(plan)
  const head = `${subjectOf(plan)}${plan.order.set === null ? '' : `; ${commitWords(plan.order)}`}`
  return [
    ...wrap(makeSafe(head), 0),
    ...section(`Access: ${accessWords(plan.access)}`, accessLines(plan.access)),
    ...section(`Objects: ${changesWords(plan.changes)}`, objectLines(plan.changes)),
    ...(obstacles.length === 0 ? [] : section('Notes', obstacles)),
  ].join('\n')
}
