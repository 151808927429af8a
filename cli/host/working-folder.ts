import { randomBytes } from 'node:crypto'
import type { SettingText } from './daemon.ts'

interface WorkingFile {
  readonly name: string
  readonly mode: number
  readonly content: string
}

const SECRET_BYTES = 48
const GENERATED: readonly string[] = ['AUTHCTL_SECRET', 'REFRESH_KEY_SECRET']
// They name where settings come from, or are not there yet: of no use in a fresh .env.
const LEFT_OUT: readonly string[] = ['AUTHCTL_CONFIG', 'MONGO_DB_URI']

const readme = (command: string): string => `# An authctl daemon

\`\`\`sh
authctl start                                                # http://127.0.0.1:8000, data in ./data
\`\`\`

${
  command === 'authctl'
    ? ''
    : `The shell does not find \`authctl\`? On this machine it is \`${command}\`, and \`ln -s ${command} ~/.local/bin/authctl\` makes the short name work.\n\n`
}In a second terminal in this folder:

\`\`\`sh
authctl bootstrap --username root.operator                   # the first super-admin
authctl login --role super-admin --username root.operator
authctl admins create --name Asha --username asha            # an admin; asks for its password
authctl otp tail                                             # one-time codes as they are sent (development)
authctl doctor                                               # what is left to do
\`\`\`

- \`.env\` holds the settings and the secrets of this daemon (mode 0600). Back it up; keep it out of git.
- \`data/\` holds the database. Back it up together with \`.env\`: one is of no use without the other.
- \`authctl config print\` shows every setting and where it comes from.
- For production set \`NODE_ENV=production\`: it names everything that is still missing.
`

const comment = (text: string): string => `# ${text.replaceAll('`', '')}`

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', ms: 'milliseconds' }

const settingLines = ({ name, meaning: sentence, fallback, unit }: SettingText): string => {
  const meaning = unit === undefined ? sentence : `${sentence} In ${UNITS[unit] ?? unit}.`
  return GENERATED.includes(name)
    ? `${comment(meaning)}\n${name}=${randomBytes(SECRET_BYTES).toString('base64url')}`
    : `${comment(meaning)}\n#${name}=${fallback ?? ''}`
}

const dotEnv = (settings: readonly SettingText[]): string => {
  const shown = settings.filter(({ name }) => !LEFT_OUT.includes(name))
  return `# Settings of authctl. A value with # in front is the default.\n\n${shown.map(settingLines).join('\n\n')}\n`
}

/**
 * The files of a fresh working folder, with new secrets at every call. `command` calls the command line from
 * any folder.
 */
export const workingFolder = (settings: readonly SettingText[], command: string): WorkingFile[] => [
  { name: '.env', mode: 0o600, content: dotEnv(settings) },
  { name: '.gitignore', mode: 0o644, content: '.env\ndata/\n' },
  { name: 'README.md', mode: 0o644, content: readme(command) },
]
