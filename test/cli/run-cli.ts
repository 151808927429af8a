import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../support/source-files.ts'

/** The built binary. */
export const BIN = join(ROOT, 'dist/cli/bin.js')

export interface Invocation {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /**
   * Text: written and closed. File: redirected from it. `null`: /dev/null. `closed`: the descriptor does not exist. `open`: a pipe that nobody
   * writes to or closes.
   */
  readonly stdin?: { readonly text: string } | { readonly file: string } | 'null' | 'closed' | 'open'
  /** Where standard output goes instead of to `stdout`. */
  readonly stdoutFile?: string
  readonly cwd?: string
  /** Stop reading stdout after the first chunk, as `head` does. */
  readonly stopsReading?: boolean
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const TIMEOUT_MS = 20_000

/** A folder of its own with a home and a place for credentials; removed by `remove`. */
export interface Sandbox {
  readonly directory: string
  readonly configDirectory: string
  readonly run: (invocation: Invocation) => Promise<Outcome>
  readonly remove: () => void
}

const start = ({
  argv,
  stdin = 'null',
  stdoutFile,
  ...options
}: Invocation & { cwd: string; env: NodeJS.ProcessEnv }) => {
  const shape = { cwd: options.cwd, env: options.env } as const
  const redirections = [
    stdin === 'closed' ? '<&-' : '',
    typeof stdin === 'object' && 'file' in stdin ? `< '${stdin.file}'` : '',
    stdoutFile === undefined ? '' : `> '${stdoutFile}'`,
  ].join(' ')
  const isPiped = stdin === 'open' || (typeof stdin === 'object' && 'text' in stdin)
  return spawn('/bin/sh', ['-c', `exec "$@" ${redirections}`, 'sh', process.execPath, BIN, ...argv], {
    ...shape,
    stdio: [isPiped ? 'pipe' : 'ignore', 'pipe', 'pipe'],
  })
}

/** Runs the binary with nothing of this process's environment but PATH. Ends it after 20 seconds: a prompt that waits shows as code null. */
const run = async (invocation: Invocation & { cwd: string; env: NodeJS.ProcessEnv }): Promise<Outcome> => {
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

/** Makes a sandbox. */
export const createSandbox = (): Sandbox => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-cli-'))
  const configDirectory = join(directory, 'config')
  return {
    directory,
    configDirectory,
    run: async ({ cwd = directory, env = {}, ...invocation }) =>
      await run({
        ...invocation,
        cwd,
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: directory,
          AUTHCTL_CONFIG_DIR: configDirectory,
          ...env,
        },
      }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
