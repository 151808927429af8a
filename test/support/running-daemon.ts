import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT } from './source-files.ts'
import { freePort } from '../../scripts/free-port.ts'
import { dropTestStore, storeSettings } from './test-store.ts'

const READY_MS = 45_000
const STOP_MS = 15_000

/**
 * A built daemon that runs as a child process on a free loopback port, with a working and data directory of
 * its own.
 */
export interface RunningDaemon {
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  /** From the spawn until `/readyz` answered 200. */
  readonly readyMs: number
  /** Sends a signal. */
  readonly kill: (signal: NodeJS.Signals) => void
  /** Resolves with the exit code, or null if a signal ended it. */
  readonly exited: Promise<number | null>
  /** What it has printed so far, stdout and stderr together. */
  readonly output: () => string
  /**
   * Sends SIGTERM, waits for the end, removes what was made for it; the exit code, or null if it had to be
   * killed.
   */
  readonly stop: () => Promise<number | null>
}

const isReady = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1000) })
    await response.body?.cancel()
    return response.status === 200
  } catch {
    return false
  }
}

const waitUntilReady = async (child: ChildProcess, url: string, output: () => string): Promise<void> => {
  const deadline = Date.now() + READY_MS
  while (!(await isReady(url))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(
        `the daemon did not become ready (exit code ${child.exitCode}); it printed:\n${output()}`,
      )
    }
    await sleep(25)
  }
}

/** What a daemon of a test is started as. */
interface StartOptions {
  readonly entry?: keyof typeof ENTRIES
  /** Another file than the built daemon. */
  readonly main?: string
  /** A command that runs the daemon in its own place: the command line of the daemon follows it. */
  readonly through?: readonly string[]
}

/** `authctl start` spends a fifth of its start on the command line, so most tests run the daemon alone. */
const ENTRIES = { daemon: ['dist/daemon/main.js'], command: ['dist/cli/bin.js', 'start'] } as const

/**
 * Starts the daemon from `dist` with only the given settings on top of its development defaults, and waits
 * until it is ready. A setting of AUTHCTL_DATA_DIR shares or reuses a directory, which is then the caller's
 * to remove.
 */
export const startDaemon = async (
  settings: Readonly<Record<string, string>> = {},
  { entry = 'daemon', main, through = [] }: StartOptions = {},
): Promise<RunningDaemon> => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-daemon-'))
  const dataDir = settings['AUTHCTL_DATA_DIR'] ?? join(directory, 'data')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const [file, ...args] = main === undefined ? ENTRIES[entry] : [main]
  const [command = process.execPath, ...rest] = [...through, process.execPath, resolve(ROOT, file), ...args]
  const child = spawn(command, rest, {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      PORT: String(port),
      AUTHCTL_DATA_DIR: dataDir,
      ...storeSettings(dataDir),
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  const collect = (chunk: Buffer): void => void (printed += chunk.toString('utf8'))
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const exited = once(child, 'exit').then(() => child.exitCode)

  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null) child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
    await exited
    clearTimeout(timer)
    if (settings['AUTHCTL_DATA_DIR'] === undefined) await dropTestStore(dataDir)
    rmSync(directory, { recursive: true, force: true })
    return child.exitCode
  }
  try {
    await waitUntilReady(child, url, () => printed)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    pid: child.pid ?? 0,
    dataDir,
    readyMs: performance.now() - startedAt,
    kill: (signal) => void child.kill(signal),
    exited,
    output: () => printed,
    stop,
  }
}

/** What a command on the daemon's host needs to find its store. */
export const hostSettings = ({ dataDir }: Pick<RunningDaemon, 'dataDir'>): Record<string, string> => ({
  AUTHCTL_DATA_DIR: dataDir,
  ...storeSettings(dataDir),
})
