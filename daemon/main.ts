import { existsSync, readFileSync } from 'node:fs'
import { banner } from './banner.ts'
import { startDaemon } from './serve.ts'
import { loadConfig } from './config/load.ts'
import type { LoadedConfig, SettingName, Settings } from './config/settings.ts'
import { openHost as openHostOf, type Host } from './host/open.ts'
import { createReload } from './host/reload.ts'
import { createServiceManager } from './host/service-manager.ts'
import { ignoreUserSignals, untilStopped } from './host/signals.ts'

export { ConfigError } from './config/load.ts'
export { SETTINGS } from './config/settings.ts'
export { ERRORS } from './contract/errors.ts'
export { Failure } from './domain/failure.ts'
export type { HostCheck } from './host/checks.ts'

/** Where settings come from, besides files. */
export interface Sources {
  /** They win over the environment. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>
  /** Default: that of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** What calls the command line here; for the banner. Default: `authctl`. */
  readonly command?: string
}

/** The size of libuv's pool, where the start of the process has set it. */
const poolThreads = (): number | undefined => {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'])
  return Number.isSafeInteger(threads) && threads > 0 ? threads : undefined
}

const readFile = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined

/** Reads the configuration of this process. Throws `ConfigError` with every problem at once. */
export const readConfig = ({ flags, env = process.env }: Sources): LoadedConfig =>
  loadConfig({ flags, env, cwd: process.cwd(), readFile })

/** Opens the store of this host's configuration. */
export const openHost = async (sources: Sources): Promise<Host> => openHostOf(readConfig(sources))

/**
 * Runs the daemon until SIGTERM or SIGINT; a second signal ends it at once. Resolves when everything is
 * closed.
 */
export const run = async (sources: Sources): Promise<void> => {
  ignoreUserSignals()
  const read = (): Settings => readConfig(sources).settings
  const settings = read()
  const daemon = await startDaemon(settings, { threads: poolThreads() })
  process.stderr.write(
    banner(daemon, {
      production: settings.NODE_ENV === 'production',
      docs: settings.AUTHCTL_DOCS,
      colour: process.stderr.isTTY,
      command: sources.command ?? 'authctl',
    }),
  )
  const manager = createServiceManager(process.env, (message) => daemon.log.warn({}, message))
  manager.ready()
  await untilStopped({ reload: createReload(daemon, settings, read), inTerminal: process.stdin.isTTY })
  manager.stopping()
  await daemon.close()
}

if (import.meta.main) await run({ flags: {} })
