import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startDaemon, type RunningDaemon } from '../../daemon/serve.ts'
import { loadConfig } from '../../daemon/config/load.ts'
import type { SettingName, Settings } from '../../daemon/config/settings.ts'
import { createPasswordHasher } from '../../daemon/adapters/crypto/password-hasher.ts'
import type { PasswordHasher } from '../../daemon/ports/crypto.ts'
import type { AuditEvent } from '../../daemon/ports/audit.ts'
import type { Log } from '../../daemon/ports/log.ts'
import type { SmsMessage, SmsSender } from '../../daemon/ports/sms.ts'
import { createApi, type Api } from './api.ts'
import { dropTestStore, lendDatabase, storeSettings } from './test-store.ts'

/** A clock that stands where it is put: expiry can be tested to the second, however slow the machine. */
export class TestClock {
  #now = Date.now()
  now = (): number => this.#now
  /** Moves on, or back. */
  advance(ms: number): void {
    this.#now += ms
  }
}

const CODE_MS = 20_000

/** A sender that keeps what it is given. */
export class KeptMessages implements SmsSender {
  readonly name = 'kept'
  readonly messages: SmsMessage[] = []
  send = (message: SmsMessage) => {
    this.messages.push(message)
    return Promise.resolve({ kind: 'sent' as const, providerId: null })
  }

  /** The newest code for a number, once it has been handed over. */
  async codeFor(number: string): Promise<string> {
    const deadline = Date.now() + CODE_MS
    while (Date.now() < deadline) {
      const found = this.messages.findLast((message) => message.phone === number)
      if (found !== undefined) return found.code
      await sleep(5)
    }
    throw new Error(`no code was sent to ${number}`)
  }
}

/** Everything that was logged, as the lines that would have been written. */
export class KeptLog implements Log {
  readonly lines: Record<string, unknown>[] = []
  #keep = (level: string) => (fields: object, message: string) =>
    void this.lines.push({ level, message, ...fields })
  debug = this.#keep('debug')
  info = this.#keep('info')
  warn = this.#keep('warn')
  error = this.#keep('error')

  /** The audit events of one name. */
  events(event: string): AuditEvent[] {
    return this.lines.filter(
      (line) => line['audit'] === true && line['event'] === event,
    ) as unknown as AuditEvent[]
  }
}

/** What a test gives its daemon. */
interface Held {
  readonly sms?: KeptMessages
  readonly hasher?: PasswordHasher
}

export interface TestDaemon {
  readonly url: string
  readonly api: Api
  readonly clock: TestClock
  readonly sms: KeptMessages
  readonly log: KeptLog
  readonly dataDir: string
  /** For work on its store as the host does it. */
  readonly settings: Settings
  /** Another daemon on the same store, with the same sender and log, and with the same clock or its own. */
  readonly another: (clock?: TestClock) => Promise<{ url: string; api: Api }>
  readonly stop: () => Promise<void>
}

/**
 * What most tests hash with: the real thing at its lowest cost. Those about passwords themselves take the
 * daemon's own.
 */
const quickHasher = createPasswordHasher(undefined, { memoryCost: 8, timeCost: 1, parallelism: 1 })

/**
 * A daemon in this process, on port 0 and a data directory of its own, with a clock, a sender and a log that
 * tests hold.
 */
export const startTestDaemon = async (
  settings: Partial<Record<SettingName, string>> = {},
  { sms = new KeptMessages(), hasher = quickHasher }: Held = {},
): Promise<TestDaemon> => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-test-'))
  const dataDir = join(directory, 'data')
  if (settings.MONGO_DB_URI === undefined) await lendDatabase(dataDir)
  const flags = {
    PORT: '0',
    AUTHCTL_DATA_DIR: dataDir,
    AUTHCTL_DRAIN_DELAY: '0',
    NODE_ENV: 'test',
    ...storeSettings(dataDir),
    ...settings,
  }
  const readFile = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined)
  const config = loadConfig({ flags, env: {}, cwd: directory, readFile })
  const clock = new TestClock()
  const log = new KeptLog()
  const running: RunningDaemon[] = []

  const start = async (own = clock) => {
    const daemon = await startDaemon(config.settings, { clock: own, sms, log, hasher })
    running.push(daemon)
    return { url: daemon.url, api: createApi(daemon.url) }
  }
  const first = await start()
  return {
    ...first,
    clock,
    sms,
    log,
    dataDir,
    settings: config.settings,
    another: start,
    stop: async () => {
      await Promise.all(running.map((daemon) => daemon.close()))
      await dropTestStore(dataDir)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
