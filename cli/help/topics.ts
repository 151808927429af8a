import { EXIT } from '../exit-codes.ts'

interface HelpTopic {
  readonly summary: string
  readonly text: () => string
}

const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['AUTHCTL_SERVER', 'The daemon to speak to; --server and --context override it.'],
  ['AUTHCTL_CONTEXT', 'The context to act in, instead of AUTHCTL_SERVER.'],
  ['AUTHCTL_TOKEN', 'The access token to use instead of a sign-in; also AUTHCTL_TOKEN_FILE.'],
  ['AUTHCTL_PASSWORD_FILE', 'A file with the password of `login` and `bootstrap`; also AUTHCTL_PASSWORD.'],
  [
    'AUTHCTL_SETUP_TOKEN',
    'The one-time set-up token of `bootstrap --server`; also AUTHCTL_SETUP_TOKEN_FILE.',
  ],
  ['AUTHCTL_NO_INPUT', 'Set to anything: never ask.'],
  [
    'AUTHCTL_CONFIG_DIR',
    'Where sign-ins are kept, in files of mode 0600; default: authctl in XDG_CONFIG_HOME or ~/.config. Made with mode 0700; a folder of yours keeps its mode, and one that others can change is refused.',
  ],
  ['NO_COLOR, FORCE_COLOR', 'No colours; colours also off a terminal.'],
]

const COLUMNS = 80

/** The words in lines that fit beside a column of names. */
const besides = (indent: number, text: string): string => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (indent + line.length + 1 + word.length < COLUMNS) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join(`\n${' '.repeat(indent)}`)
}

const table = (title: string, rows: readonly (readonly [string, string])[], end: string): string => {
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, meaning]) => `  ${name.padEnd(width)}  ${besides(width + 4, meaning)}`)
  return `${title}\n\n${lines.join('\n')}\n\n${end}`
}

/** Pages of `authctl help NAME` that belong to no command. */
export const HELP_TOPICS: Readonly<Record<string, HelpTopic>> = {
  'exit-codes': {
    summary: 'what each exit code means',
    text: () =>
      table(
        'Exit codes of authctl',
        Object.values(EXIT).map(({ code, meaning }) => [String(code).padStart(3), meaning] as const),
        'They are stable: scripts may depend on them.',
      ),
  },
  environment: {
    summary: 'the environment variables of the command line',
    text: () =>
      table(
        'Environment variables of the command line',
        ENVIRONMENT,
        'The settings of the daemon, and where they come from: authctl config print',
      ),
  },
}
