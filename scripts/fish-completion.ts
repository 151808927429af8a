import type { Command, Config } from '@oclif/core'
import { valuesOfArguments, valuesOfFlag } from './completion-values.ts'

const FILES = /^(?:file|path|directory)$/
const FILE_VALUES = /^(?:PATH|DIR|FILE)$/

const quote = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** The first line of a summary, as the menu of a shell shows it. */
const titleOf = (text = ''): string => quote(text.split('\n', 1)[0] ?? '')

const wordsOf = (id: string): string => id.replaceAll(':', ' ')

const flagLine = (condition: string, [name, flag]: [string, Command.Flag.Cached]): string => {
  const short = flag.char === undefined ? '' : ` -s ${flag.char}`
  const head = `complete -c authctl -n ${condition} -l ${name}${short} -d ${titleOf(flag.summary)}`
  if (flag.type === 'boolean') return head
  if (flag.options !== undefined) return `${head} -xa ${quote(flag.options.join(' '))}`
  const names = valuesOfFlag(name)
  if (names !== undefined) return `${head} -xa ${namesOf(names)}`
  return `${head} ${FILE_VALUES.test(flag.helpValue?.toString() ?? '') ? '-rF' : '-x'}`
}

/** Asked for while somebody types. */
const namesOf = (kind: string): string => quote(`(authctl complete ${kind} 2>/dev/null)`)

const argumentLines = (condition: string, command: Command.Loadable): string[] => [
  ...valuesOfArguments(command).map(({ kind }) => `complete -c authctl -n ${condition} -a ${namesOf(kind)}`),
  ...fileArguments(condition, command),
]

const fileArguments = (condition: string, { args }: Command.Loadable): string[] =>
  Object.values(args).flatMap(({ name, options }) => {
    if (options !== undefined) return [`complete -c authctl -n ${condition} -a ${quote(options.join(' '))}`]
    return FILES.test(name) ? [`complete -c authctl -n ${condition} -F`] : []
  })

const commandLines = (command: Command.Loadable): string[] => {
  const condition = quote(`__authctl_under ${wordsOf(command.id)}`)
  return [
    ...Object.entries(command.flags)
      .filter(([, { hidden }]) => hidden !== true)
      .map((flag) => flagLine(condition, flag)),
    ...argumentLines(condition, command),
  ]
}

const shownOf = ({ commands }: Config): Command.Loadable[] => commands.filter(({ hidden }) => hidden !== true)

/** The words that may follow some others: commands and topics, each once, with what it is for. */
const wordLines = (config: Config): string[] => {
  const titles = new Map(
    [
      ...config.topics.map(({ name, description }) => [name, description] as const),
      ...shownOf(config).map(({ id, summary }) => [id, summary] as const),
    ].map(([id, title]) => [wordsOf(id), title]),
  )
  return [...titles]
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([words, title]) => {
      const before = words.split(' ').slice(0, -1)
      const condition = quote(['__authctl_after', ...before].join(' '))
      return `complete -c authctl -n ${condition} -a ${words.split(' ').at(-1)} -d ${titleOf(title)}`
    })
}

const HEAD = `# Completion of authctl for fish.

function __authctl_words
    set -l tokens (commandline -opc)
    set -e tokens[1]
    string match -v -- '-*' $tokens
end

# True if exactly these words were typed.
function __authctl_after
    set -l words (__authctl_words)
    test "$words" = "$argv"
end

# True if these words were typed first.
function __authctl_under
    set -l words (__authctl_words)
    test (count $words) -ge (count $argv); and test "$words[1..$(count $argv)]" = "$argv"
end

complete -c authctl -e
complete -c authctl -f`

/** The completion of every command, flag and value for fish: oclif has none for it. */
export const fishCompletion = (config: Config): string =>
  `${[HEAD, ...wordLines(config), ...shownOf(config).flatMap(commandLines)].join('\n')}\n`
