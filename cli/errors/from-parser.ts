import { type ProblemFields, usageProblem } from '../problem.ts'
import { nearest } from '../../policies/text/nearest.ts'

/** An error of oclif's parser. */
interface ParseErrorShape {
  readonly message: string
  readonly flags?: readonly string[]
  readonly args?:
    readonly { readonly name?: string; readonly options?: readonly string[] }[] | readonly string[]
  readonly parse?: { readonly input?: { readonly flags?: Record<string, unknown> } }
}

/** The first line of a text. */
export const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text

const fromUnknownFlags = (flags: readonly string[], known: readonly string[]): ProblemFields => {
  // Only the name: what follows `=` may be a secret.
  const names = flags.map((flag) => flag.split('=', 1)[0] ?? flag)
  const near = nearest((names[0] ?? '').replace(/^-+/, ''), known)
  const { fields } = usageProblem(
    `unknown flag${names.length === 1 ? '' : 's'} ${names.join(', ')}`,
    near === undefined ? 'See the flags with --help.' : `Did you mean --${near}?`,
  )
  return fields
}

/**
 * What to tell about an error of oclif's parser, which speaks in several lines: one line that names the
 * mistake.
 */
export const fromParser = (error: ParseErrorShape, name: string): ProblemFields => {
  const known = Object.keys(error.parse?.input?.flags ?? {})
  if (name === 'NonExistentFlagsError') return fromUnknownFlags(error.flags ?? [], known)
  const hint = 'See the usage with --help.'
  if (name === 'RequiredArgsError') {
    const names = (error.args ?? []).map((arg) =>
      (typeof arg === 'string' ? arg : (arg.name ?? '')).toUpperCase(),
    )
    const choices = (error.args ?? []).flatMap((arg) =>
      typeof arg === 'string' || arg.options === undefined
        ? []
        : [`${arg.name?.toUpperCase()} is one of ${arg.options.join(', ')}.`],
    )
    return usageProblem(`missing ${names.join(', ')}`, choices.length === 0 ? hint : choices.join(' ')).fields
  }
  if (name === 'UnexpectedArgsError') return usageProblem(firstLine(error.message).toLowerCase(), hint).fields
  const reasons = error.message
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(See more help|The following errors? occurred)/.test(line))
  const text = reasons
    .join(' ')
    .replace(/Missing required flag (\S+)/g, 'missing --$1')
    .replace(/^Parsing (--\S+) (.)/, (_, flag: string, letter: string) => `${flag}: ${letter.toLowerCase()}`)
  return usageProblem(
    text.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase()),
    hint,
  ).fields
}
