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
  /** Text: written and closed. `null`: /dev/null. `closed`: the descriptor does not exist. `open`: a pipe that nobody writes to or closes. */
  readonly stdin?: { readonly text: string } | 'null' | 'closed' | 'open'
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
  ...options
}: Invocation & { cwd: string; env: NodeJS.ProcessEnv }) => {
  const shape = { cwd: options.cwd, env: options.env } as const
  if (stdin === 'closed')
    return spawn('/bin/sh', ['-c', 'exec "$@" <&-', 'sh', process.execPath, BIN, ...argv], {
      ...shape,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  return spawn(process.execPath, [BIN, ...argv], {
    ...shape,
    stdio: [stdin === 'null' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
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
  if (typeof invocation.stdin === 'object') child.stdin?.end(invocation.stdin.text)
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
