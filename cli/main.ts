import { Config } from '@oclif/core/config'
import { normalizeArgv } from '@oclif/core/help'
import { run } from '@oclif/core/run'
import { usageProblem } from './problem.ts'
import { findNearest } from './text.ts'

const asWords = (id: string): string => id.replaceAll(':', ' ')

const suggest = (typed: string, known: readonly string[]): string => {
  const nearest = findNearest(typed, known)
  return nearest === undefined ? 'See the commands with: authctl --help' : `Did you mean: authctl ${nearest}?`
}

/** Refuses what is no command, with a suggestion; oclif itself answers that in several lines and with other exit codes. */
const requireCommand = (config: Config, id: string, argv: readonly string[]): void => {
  if (config.findCommand(id) !== undefined || config.findTopic(id) !== undefined) return
  if (id.startsWith('-'))
    throw usageProblem('a flag came before the command', 'Put flags after it, as in: authctl whoami --json')
  const words = id.split(':')
  const command = words
    .map((_, index) => words.slice(0, index + 1).join(':'))
    .findLast((part) => config.findCommand(part))
  if (command !== undefined)
    throw usageProblem(
      `unexpected argument: ${words[command.split(':').length]}`,
      `See: authctl ${asWords(command)} --help`,
    )
  const typed = [...words, ...argv]
    .filter((word) => !word.startsWith('-'))
    .slice(0, words.length)
    .join(' ')
  throw usageProblem(
    `unknown command "${typed}"`,
    suggest(typed, [...config.commandIDs, ...config.topics.map(({ name }) => name)].map(asWords)),
  )
}

const asksForHelp = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--')
  return (
    argv.length === 0 ||
    argv[0] === 'help' ||
    (end === -1 ? argv : argv.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
  )
}

/** Runs one command line; rejects with what went wrong. */
export const main = async (argv: readonly string[]): Promise<void> => {
  const config = await Config.load(import.meta.url)
  const [id = '', ...rest] = normalizeArgv(config, [...argv])
  if (asksForHelp(argv)) {
    const { showHelp } = await import('./help.ts')
    return await showHelp(config, argv, (subject) => requireCommand(config, subject, []))
  }
  if (argv[0] !== '--version') requireCommand(config, id, rest)
  if (config.findCommand(id) === undefined && config.findTopic(id) !== undefined) {
    const { showHelp } = await import('./help.ts')
    return await showHelp(config, argv, () => undefined)
  }
  await run([...argv], config)
}
