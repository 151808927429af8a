import type { Config } from '@oclif/core/config'
import type { Command } from '@oclif/core/command'
import { CommandHelp, Help, type HelpSectionRenderer } from '@oclif/core/help'
import { paint } from '../output/color.ts'
import { HELP_TOPICS } from './topics.ts'
import { printData } from '../output/print.ts'
import { surroundings } from '../surroundings.ts'

type Flags = Command.Loadable['flags']

/**
 * The flags as the usage shows them. oclif draws a flag that others exclude once, and leaves holes where the
 * others name it, or name one that is not shown: so each stands in one group at most, and of what a flag
 * needs its own summary tells.
 */
const usageFlags = (flags: Flags): Flags => {
  const shown = Object.entries(flags).filter(([, flag]) => flag.helpGroup !== 'GLOBAL')
  const free = new Set(shown.map(([name]) => name))
  return Object.fromEntries(
    shown.map(([name, flag]) => {
      const { exclusive: others = [] } = flag
      const exclusive = free.has(name) ? others.filter((other) => free.has(other)) : []
      if (exclusive.length > 0) for (const each of [name, ...exclusive]) free.delete(each)
      const drawn = { ...flag, exclusive }
      delete drawn.dependsOn
      return [name, drawn]
    }),
  ) as Flags
}

/** Examples come first (CLI-C19): most readers want to see the thing done. */
class ExamplesFirst extends CommandHelp {
  protected override sections(): { header: string; generate: HelpSectionRenderer }[] {
    const sections = super.sections()
    const isExamples = ({ header }: { header: string }): boolean => header === 'EXAMPLES'
    return [...sections.filter(isExamples), ...sections.filter((section) => !isExamples(section))]
  }

  /** Without the global flags: they are listed below, and would hide what matters. */
  protected override defaultUsage(): string {
    const { flags } = this.command
    this.command.flags = usageFlags(flags)
    const usage = super.defaultUsage()
    this.command.flags = flags
    return usage
  }

  /** Without the summary, which stands at the top already. */
  protected override description(): string | undefined {
    return this.command.description === undefined ? undefined : this.wrap(this.command.description)
  }
}

const FIRST_STEPS = [
  'authctl start                                 # the daemon, data in ./data',
  'authctl bootstrap --username root.operator    # the first super-admin',
  'authctl login --username root.operator',
  'authctl admins create --name Asha --username asha',
]

class AuthctlHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst

  protected override log(text = ''): void {
    surroundings().stdout.write(`${text}\n`)
  }

  override formatRoot(): string {
    const [title = '', ...rest] = super.formatRoot().split('\n')
    const steps = FIRST_STEPS.map((step) => `  $ ${step}`)
    return [title, '', paint(surroundings().stdout, 'bold', 'FIRST STEPS'), ...steps, ...rest].join('\n')
  }

  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp()
    const width = Math.max(...Object.keys(HELP_TOPICS).map((name) => name.length))
    const lines = Object.entries(HELP_TOPICS).map(
      ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`,
    )
    printData(
      `${paint(surroundings().stdout, 'bold', 'HELP TOPICS')} (authctl help NAME)\n${lines.join('\n')}`,
    )
  }

  showTopic(id: string): void {
    const topic = this.config.findTopic(id)
    if (topic !== undefined) void this.showTopicHelp(topic)
  }
}

/**
 * Shows the help that the arguments ask for: of everything, of a topic, of a command, or one of the help
 * topics. `requireCommand` refuses a subject that is none of these.
 */
export const showHelp = async (
  config: Config,
  argv: readonly string[],
  requireCommand: (id: string) => void,
): Promise<void> => {
  const words = argv.filter((arg) => !arg.startsWith('-')).filter((arg, index) => index > 0 || arg !== 'help')
  const [first = ''] = words
  if (words.length === 1 && Object.hasOwn(HELP_TOPICS, first))
    return printData(HELP_TOPICS[first]?.text() ?? '')
  const help = new AuthctlHelp(config, config.pjson.oclif.helpOptions ?? {})
  const id = words
    .map((_, index) => words.slice(0, index + 1).join(':'))
    .findLast((part) => config.findCommand(part) !== undefined || config.findTopic(part) !== undefined)
  const isAsked = argv[0] === 'help'
  if (words.length > 0 && (id === undefined || (isAsked && id.split(':').length < words.length)))
    requireCommand(words.join(':'))
  const command: Command.Loadable | undefined = id === undefined ? undefined : config.findCommand(id)
  if (command !== undefined) return await help.showCommandHelp(command)
  return id === undefined ? await help.showHelp([]) : help.showTopic(id)
}
