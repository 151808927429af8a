import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { ROOT } from '../support/source-files.ts'
import { type ProcessInvocation, spawnCommand } from './spawn-cli.ts'

export interface Invocation {
  readonly argv: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What standard input holds, or what is written to it when it is read. Default: nothing. */
  readonly stdin?: { readonly text: string | (() => Promise<string>) }
  readonly cwd?: string
}

export interface Outcome {
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder of its own with a home and a place for credentials; removed by `remove`. */
export interface Sandbox {
  readonly directory: string
  readonly configDirectory: string
  /**
   * Runs the built command line in this process: what a command reads, writes and exits with, without the 0.2
   * s that a process costs.
   */
  readonly run: (invocation: Invocation) => Promise<Outcome>
  /** Runs the built binary as a process: for what depends on descriptors, signals and the process itself. */
  readonly spawn: (invocation: ProcessInvocation) => Promise<Outcome>
  readonly remove: () => void
}

class Captured extends Writable {
  text = ''
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8')
    done()
  }
}

/** Standard input: a function is asked once it is read. */
async function* chunksOf(stdin: Invocation['stdin']): AsyncGenerator<Buffer> {
  if (stdin === undefined) return
  yield Buffer.from(typeof stdin.text === 'string' ? stdin.text : await stdin.text())
}

/**
 * The bundle loads its commands by itself, so its modules must be those of Node and not those of the test
 * runner.
 */
const load = () =>
  createRequire(import.meta.url)(join(ROOT, 'dist/cli/main.js')) as typeof import('../../cli/main.ts')

let last: Promise<unknown> = Promise.resolve()

const runHere = async ({
  argv,
  env,
  cwd,
  stdin,
}: Invocation & { cwd: string; env: Record<string, string> }): Promise<Outcome> => {
  const [stdout, stderr] = [new Captured(), new Captured()]
  const before = process.cwd()
  process.chdir(cwd)
  try {
    const code = await load().main(argv, {
      env,
      stdin: Readable.from(chunksOf(stdin)),
      stdout,
      stderr,
      exitCode: 0,
      endOnInterrupt: () => undefined,
    })
    return { code, stdout: stdout.text, stderr: stderr.text }
  } finally {
    process.chdir(before)
  }
}

/**
 * One after the other: the working directory is that of the process, and relative paths of commands and
 * settings start there.
 */
const runInTurn = async (invocation: Parameters<typeof runHere>[0]): Promise<Outcome> => {
  const outcome = last.then(() => runHere(invocation))
  last = outcome.catch(() => undefined)
  return await outcome
}

/** Makes a sandbox. Its commands have nothing of this process's environment but PATH. */
export const createSandbox = (): Sandbox => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-cli-'))
  const configDirectory = join(directory, 'config')
  const inside = { PATH: process.env['PATH'] ?? '', HOME: directory, AUTHCTL_CONFIG_DIR: configDirectory }
  return {
    directory,
    configDirectory,
    run: ({ cwd = directory, env = {}, ...invocation }) =>
      runInTurn({ ...invocation, cwd, env: { ...inside, ...env } }),
    spawn: ({ cwd = directory, env = {}, ...invocation }) =>
      spawnCommand({ ...invocation, cwd, env: { ...inside, ...env } }),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
