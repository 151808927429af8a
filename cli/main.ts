import { Config } from '@oclif/core/config'
import { normalizeArgv } from '@oclif/core/help'
import { run } from '@oclif/core/run'
import { fileURLToPath } from 'node:url'
import { reportError } from './errors/report.ts'
import { suggestCommand } from './help/suggestion.ts'
import { printData } from './output/print.ts'
import { usageProblem } from './problem.ts'
import { inSurroundings, type Surroundings, surroundings } from './surroundings.ts'

const asWords = (id: string): string => id.replaceAll(':', ' ')

/** What was typed before the first flag, as it was typed. */
const typedWords = (argv: readonly string[]): string[] => {
  const words = ['help', '--help', '-h'].includes(argv[0] ?? '') ? argv.slice(1) : argv
  const end = words.findIndex((word) => word.startsWith('-'))
  return end === -1 ? [...words] : words.slice(0, end)
}

const hintFor = (config: Config, words: readonly string[]): string => {
  const suggestion = suggestCommand(words, config.commandIDs.map(asWords))
  if (suggestion === undefined) return 'See the commands with: authctl --help'
  return suggestion === words[0]
    ? `See its commands with: authctl ${suggestion} --help`
    : `Did you mean: authctl ${suggestion}?`
}

/**
 * Refuses what is no command, with a suggestion; oclif itself answers that in several lines and with other
 * exit codes.
 */
const requireCommand = (config: Config, id: string, argv: readonly string[]): void => {
  if (config.findCommand(id) !== undefined || config.findTopic(id) !== undefined) return
  if (id.startsWith('-'))
    throw usageProblem('a flag came before the command', 'Put flags after it, as in: authctl whoami --json')
  const words = typedWords(argv)
  const command = words
    .map((_, index) => words.slice(0, index + 1).join(':'))
    .findLast((part) => config.findCommand(part))
  if (command !== undefined)
    throw usageProblem(
      `unexpected argument: ${words[command.split(':').length]}`,
      `See: authctl ${asWords(command)} --help`,
    )
  throw usageProblem(`unknown command "${words.join(' ')}"`, hintFor(config, words))
}

const asksForHelp = (argv: readonly string[]): boolean => {
  const end = argv.indexOf('--')
  return (
    argv.length === 0 ||
    argv[0] === 'help' ||
    (end === -1 ? argv : argv.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
  )
}

/**
 * oclif reads variables that begin with the name of the command: it would take our data directory for the one
 * in which users keep plugins, and our configuration directory for its own. It gets none of them.
 */
class OwnConfig extends Config {
  override scopedEnvVar(): undefined {
    return undefined
  }
}

/** Rejects with what went wrong. */
const runCommand = async (argv: readonly string[]): Promise<void> => {
  const config = new OwnConfig({
    root: fileURLToPath(import.meta.url),
    userPlugins: false,
    devPlugins: false,
    jitPlugins: false,
  })
  await config.load()
  const [id = ''] = normalizeArgv(config, [...argv])
  if (asksForHelp(argv)) {
    const { showHelp } = await import('./help/help.ts')
    return await showHelp(config, argv, (subject) => requireCommand(config, subject, argv))
  }
  if (argv[0] === '--version') return printData(config.userAgent)
  requireCommand(config, id, argv)
  if (config.findCommand(id) === undefined && config.findTopic(id) !== undefined) {
    const { showHelp } = await import('./help/help.ts')
    return await showHelp(config, argv, () => undefined)
  }
  await run([...argv], config)
}

/**
 * Runs one command line, tells what goes wrong, and resolves with the exit code. `within` are the streams and
 * the environment that it has; it keeps nothing for the next one, so a process can run many.
 */
export const main = async (
  argv: readonly string[],
  within: Surroundings = surroundings(),
): Promise<number> => {
  // Looked at before parsing, since parsing may be what fails.
  if (argv.includes('--no-color')) {
    within.env['NO_COLOR'] = '1'
    delete within.env['FORCE_COLOR']
  }
  return await inSurroundings(within, async () => {
    try {
      await runCommand(argv)
    } catch (error) {
      within.exitCode = reportError(error, argv)
    }
    return within.exitCode
  })
}
