import { AsyncLocalStorage } from 'node:async_hooks'

type Terminal = { readonly isTTY?: boolean; readonly columns?: number }

/** What a command line reads and writes outside the file system and the network. */
export interface Surroundings {
  readonly env: Record<string, string | undefined>
  readonly stdin: NodeJS.ReadableStream & Terminal
  readonly stdout: NodeJS.WritableStream & Terminal
  readonly stderr: NodeJS.WritableStream & Terminal
  /** What it ends with. */
  exitCode: number
  /** Asks for the end with this code on Ctrl-C, once. */
  readonly endOnInterrupt: (code: number) => void
}

/** Those of this process. */
const OF_PROCESS: Surroundings = {
  env: process.env,
  // The streams are opened when they are first asked for.
  get stdin() {
    return process.stdin
  },
  get stdout() {
    return process.stdout
  },
  get stderr() {
    return process.stderr
  },
  get exitCode() {
    return Number(process.exitCode ?? 0)
  },
  set exitCode(code) {
    process.exitCode = code
  },
  endOnInterrupt: (code) => void process.once('SIGINT', () => process.exit(code)),
}

const storage = new AsyncLocalStorage<Surroundings>()

/**
 * The surroundings of the command line that asks: those that `main` was given, otherwise those of the
 * process.
 */
export const surroundings = (): Surroundings => storage.getStore() ?? OF_PROCESS

/** Does something in other surroundings, so that command lines can run in a process that goes on. */
export const inSurroundings = <T>(others: Surroundings, work: () => T): T => storage.run(others, work)
