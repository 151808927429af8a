import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApi, type Api } from './api.ts'
import { startDaemon, type RunningDaemon } from './running-daemon.ts'
import { dropTestStore } from './test-store.ts'

/** Several built daemons as processes on one SQLite file. */
export interface Fleet {
  readonly dataDir: string
  readonly daemons: readonly RunningDaemon[]
  readonly apis: readonly Api[]
  /** The newest code for a number, once it stands in the outbox; `after` counts the codes to pass over. */
  readonly codeFor: (number: string, after?: number) => Promise<string>
  /** The codes sent to a number so far. */
  readonly codesOf: (number: string) => string[]
  /** How many audit events of this name and reason all daemons have logged. */
  readonly auditCount: (event: string, reason?: string) => number
  /** Kills one daemon at once and starts another in its place, with some settings of its own. */
  readonly restart: (index: number, own?: Readonly<Record<string, string>>) => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts `size` daemons that share a data directory and an issuer. */
export const startFleet = async (
  size: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Fleet> => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-fleet-'))
  const dataDir = join(directory, 'data')
  const shared = {
    AUTHCTL_DATA_DIR: dataDir,
    PUBLIC_URL: 'http://auth.example.test',
    AUTHCTL_DRAIN_DELAY: '0',
    ...settings,
  }
  const start = (own: Readonly<Record<string, string>> = {}) => startDaemon({ ...shared, ...own })
  // The first makes secrets and database; the others find them.
  const daemons = [await start()]
  daemons.push(...(await Promise.all(Array.from({ length: size - 1 }, () => start()))))
  const apis = daemons.map((daemon) => createApi(daemon.url))

  const codesOf = (number: string): string[] => {
    try {
      const lines = readFileSync(join(dataDir, 'outbox.jsonl'), 'utf8')
        .split('\n')
        // What follows the last line feed is being written.
        .slice(0, -1)
      return lines
        .map((line) => JSON.parse(line) as { number: string; code: string })
        .flatMap((sent) => (sent.number === number ? [sent.code] : []))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }

  return {
    dataDir,
    daemons,
    apis,
    codesOf,
    codeFor: async (number, after = 0) => {
      for (let turn = 0; turn < 400; turn++) {
        const codes = codesOf(number)
        const newest = codes.at(-1)
        if (codes.length > after && newest !== undefined) return newest
        await sleep(10)
      }
      throw new Error(`no code was sent to ${number}`)
    },
    auditCount: (event, reason) =>
      daemons
        .flatMap((daemon) => daemon.output().split('\n'))
        .filter((line) => line.includes('"audit":true') && line.includes(`"event":"${event}"`))
        .filter((line) => reason === undefined || line.includes(`"reason":"${reason}"`)).length,
    restart: async (index, own) => {
      daemons[index]?.kill('SIGKILL')
      await daemons[index]?.exited
      const next = await start(own)
      daemons[index] = next
      apis[index] = createApi(next.url)
    },
    stop: async () => {
      await Promise.all(daemons.map((daemon) => daemon.stop()))
      await dropTestStore(dataDir)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
