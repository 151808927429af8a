import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../scripts/free-port.ts'
import { median } from './median.ts'

/** This checkout, whose daemon is measured unless another one is named. */
const HERE = fileURLToPath(new URL('../../', import.meta.url))
const READY_DEADLINE_MS = 60_000
const SETTLE_MS = 3000

/** A process of the bench that answers each message with one message. */
export interface Worker<Question, Answer> {
  /** What it said when it was ready. */
  readonly greeting: unknown
  readonly pid: number | undefined
  readonly ask: (question: Question) => Promise<Answer>
  readonly stop: () => void
  /** Resolves when it is gone. */
  readonly ended: Promise<unknown>
}

/** Of Linux; the unit of processor times in `/proc`. */
const TICKS_PER_SECOND = 100

/** Seconds of processor time that a process has used, in user and in system mode. */
export const cpuSecondsOf = (pid: number | undefined): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

/** Starts a file of this folder as a process of its own. */
export const startWorker = async <Question extends object, Answer>(
  file: string,
  args: readonly string[] = [],
): Promise<Worker<Question, Answer>> => {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => {
    throw new Error(`${file} ended with code ${String(code)}`)
  })
  failed.catch(() => undefined)
  const answer = async (): Promise<unknown> => {
    const [message] = await Promise.race([once(child, 'message') as Promise<[unknown]>, failed])
    return message
  }
  const greeting = await answer()
  const ask = (question: Question): Promise<Answer> => {
    const answered = answer() as Promise<Answer>
    child.send(question)
    return answered
  }
  return { greeting, pid: child.pid, ask, stop: () => child.disconnect(), ended }
}

/**
 * The built daemon, as in production but with limits off and the outbox: info log to `/dev/null`, a data
 * directory of its own.
 */
export interface BenchDaemon {
  readonly url: string
  readonly dataDir: string
  readonly pid: number | undefined
  /** From the spawn to the first 200 of `/readyz`. */
  readonly readyMs: number
  readonly residentMb: () => number
  readonly stop: () => Promise<void>
}

const isReady = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    get(`${url}/readyz`, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    }).on('error', () => resolve(false))
  })

const untilReady = async (child: ChildProcess, url: string): Promise<void> => {
  const deadline = performance.now() + READY_DEADLINE_MS
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error('the daemon did not get ready')
    await sleep(2)
  }
}

/**
 * Settings of AUTHCTL_DATA_DIR share or reuse a directory, which is then the caller's to remove.
 * @param checkout where the daemon was built
 */
export const startDaemon = async (
  nodeFlags: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
  checkout = HERE,
): Promise<BenchDaemon> => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-bench-'))
  const dataDir = settings['AUTHCTL_DATA_DIR'] ?? join(directory, 'data')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...nodeFlags, join(checkout, 'dist/cli/bin.js'), 'start'], {
    cwd: directory,
    env: {
      PATH: process.env['PATH'],
      HOME: directory,
      PORT: String(port),
      AUTHCTL_DATA_DIR: dataDir,
      AUTHCTL_RATE_LIMITS: 'off',
      AUTHCTL_DRAIN_DELAY: '0',
      PUBLIC_URL: 'http://auth.bench.test',
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  const exited = once(child, 'exit')
  // A bench that fails leaves nothing running.
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  await untilReady(child, url)
  const readyMs = performance.now() - startedAt
  return {
    url,
    dataDir,
    pid: child.pid,
    readyMs,
    residentMb: () => {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024
    },
    stop: async () => {
      child.kill('SIGTERM')
      await exited
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

/** A cold start, and the resident memory of a daemon that has answered and then idles. */
export interface Start {
  readonly readyMs: number
  readonly residentMb: number
}

/** The medians of several starts of each checkout, in turn. */
export const measureStart = async (
  starts: number,
  checkouts: readonly string[] = [HERE],
): Promise<readonly Start[]> => {
  const ready = checkouts.map((): number[] => [])
  const resident = checkouts.map((): number[] => [])
  for (let turn = 0; turn < starts; turn++)
    for (const [n, checkout] of checkouts.entries()) {
      const daemon = await startDaemon([], {}, checkout)
      ready[n]?.push(daemon.readyMs)
      if (turn < 3) {
        await sleep(SETTLE_MS)
        resident[n]?.push(daemon.residentMb())
      }
      await daemon.stop()
    }
  return checkouts.map((_, n) => ({ readyMs: median(ready[n] ?? []), residentMb: median(resident[n] ?? []) }))
}
