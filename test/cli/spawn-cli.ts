import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from '../support/source-files.ts'
import type { Invocation, Outcome } from './run-cli.ts'

/** The built binary. */
export const BIN = join(ROOT, 'dist/cli/bin.js')

export interface ProcessInvocation extends Omit<Invocation, 'stdin'> {
  /**
   * Text: written and closed. File: redirected from it. `null`: /dev/null. `closed`: the descriptor does not
   * exist. `open`: a pipe that nobody writes to or closes.
   */
  readonly stdin?: { readonly text: string } | { readonly file: string } | 'null' | 'closed' | 'open'
  /** Where standard output goes instead of to `stdout`. */
  readonly stdoutFile?: string
  /** Stop reading stdout after the first chunk, as `head` does. */
  readonly stopsReading?: boolean
}

type Start = ProcessInvocation & { cwd: string; env: NodeJS.ProcessEnv }

const TIMEOUT_MS = 20_000

const start = ({ argv, stdin = 'null', stdoutFile, cwd, env }: Start) => {
  const redirections = [
    stdin === 'closed' ? '<&-' : '',
    typeof stdin === 'object' && 'file' in stdin ? `< '${stdin.file}'` : '',
    stdoutFile === undefined ? '' : `> '${stdoutFile}'`,
  ].join(' ')
  const isPiped = stdin === 'open' || (typeof stdin === 'object' && 'text' in stdin)
  return spawn('/bin/sh', ['-c', `exec "$@" ${redirections}`, 'sh', process.execPath, BIN, ...argv], {
    cwd,
    env,
    stdio: [isPiped ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
}

/** Runs the binary. Ends it after 20 seconds: a prompt that waits shows as code null. */
export const spawnCommand = async (invocation: Start): Promise<Outcome> => {
  const child = start(invocation)
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString('utf8')
    if (invocation.stopsReading === true) child.stdout?.destroy()
  })
  child.stderr?.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')))
  if (typeof invocation.stdin === 'object' && 'text' in invocation.stdin)
    child.stdin?.end(invocation.stdin.text)
  const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return { code, ...output }
}
