import { isAbsolute, relative, resolve } from 'node:path'
import { cwd } from 'node:process'
import { tell } from '../output/print.ts'
import { surroundings } from '../surroundings.ts'

/** Something to show beside a line of a change. */
export interface Annotation {
  readonly level: 'error' | 'warning'
  readonly file: string
  readonly line: number
  readonly column: number
  readonly title: string
  readonly message: string
}

/** GitHub shows ten of each level of a step; what comes after is only in the log. */
const MAX_SHOWN = 10

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** A path as the code host knows it: relative to the checkout, with `/`. */
const inCheckout = (file: string, workspace: string | undefined): string => {
  if (workspace === undefined || workspace === '') return file
  const path = relative(workspace, resolve(cwd(), file)).replaceAll('\\', '/')
  return path.startsWith('../') || isAbsolute(path) ? file : path
}

const lineOf = (
  { level, file, line, column, title, message }: Annotation,
  workspace: string | undefined,
): string => {
  const place = `file=${escapeProperty(inCheckout(file, workspace))},line=${line},col=${column}`
  return `::${level} ${place},title=${escapeProperty(title)}::${escapeData(message)}`
}

/** Under GitHub Actions, tells where in the change something is wrong; elsewhere nothing (CLI-C23). */
export const annotate = (annotations: readonly Annotation[]): void => {
  const { env } = surroundings()
  if (env['GITHUB_ACTIONS'] !== 'true') return
  for (const level of ['error', 'warning'] as const)
    for (const annotation of annotations.filter((each) => each.level === level).slice(0, MAX_SHOWN))
      tell(lineOf(annotation, env['GITHUB_WORKSPACE']))
}
