import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Outcome, Sandbox } from './run-cli.ts'
import { BIN } from './spawn-cli.ts'

/** What to type when a text appears on the screen. */
export interface Reply {
  readonly when: string
  readonly type: string | (() => Promise<string>)
}

const TIMEOUT_MS = 20_000
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * Runs the binary on a pseudo-terminal (`script` of util-linux) and types each reply once its text has
 * appeared. All output is in `stdout`, as a screen would show it.
 */
export const runOnTerminal = async (
  sandbox: Sandbox,
  argv: readonly string[],
  replies: readonly Reply[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> => {
  const command = [process.execPath, BIN, ...argv].map(quote).join(' ')
  const child = spawn('script', ['-qefc', command, '/dev/null'], {
    cwd: sandbox.directory,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: sandbox.directory,
      TERM: 'xterm-256color',
      AUTHCTL_CONFIG_DIR: sandbox.configDirectory,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let screen = ''
  let seen = 0
  const pending = [...replies]
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString('utf8')
    const [next] = pending
    const at = next === undefined ? -1 : screen.indexOf(next.when, seen)
    if (next === undefined || at === -1) return
    seen = at + next.when.length
    pending.shift()
    void (async () => child.stdin.write(typeof next.type === 'string' ? next.type : await next.type()))()
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  child.stdin.destroy()
  return { code, stdout: screen, stderr: '' }
}
