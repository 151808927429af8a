/**
 * The one module of the command line that reaches the daemon, and only when it is asked to: a command that
 * speaks HTTP never loads it.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cwd } from 'node:process'
import { commandName } from '../command-name.ts'
import { localProblem } from '../problem.ts'
import { surroundings } from '../surroundings.ts'

type Daemon = typeof import('../../daemon/main.ts')
type Address = NonNullable<ReturnType<typeof import('../../daemon/config/address.ts').findAddress>>
type Flags = Parameters<Daemon['readConfig']>[0]['flags']

/** Work on the host through the store. */
export type Host = Awaited<ReturnType<Daemon['openHost']>>
/** One line of the host's checks. */
export type HostCheck = Awaited<ReturnType<Host['checks']>>[number]
/** The parsed settings and where each came from. */
export type LoadedConfig = ReturnType<Daemon['readConfig']>

const load = async (): Promise<Daemon> => await import('../../daemon/main.ts')

/** Runs the daemon in the foreground until it is told to stop. */
export const runDaemon = async (flags: Flags): Promise<void> =>
  (await load()).run({ flags, env: surroundings().env, command: commandName('anywhere') })

/** Opens the store of this host's configuration; close it. Throws `ConfigError`. */
export const openHost = async (): Promise<Host> =>
  (await load()).openHost({ flags: {}, env: surroundings().env })

/** Does one thing through the store of this host's configuration. Throws `ConfigError`. */
export const onHost = async <T>(work: (host: Host) => Promise<T>): Promise<T> => {
  const host = await openHost()
  try {
    return await work(host)
  } finally {
    await host.close()
  }
}

/** The configuration that a daemon started here would have. Throws `ConfigError` with all problems. */
export const readConfig = async (): Promise<LoadedConfig> =>
  (await load()).readConfig({ flags: {}, env: surroundings().env })

/**
 * Where a daemon started in this folder would listen, if its configuration says so: the daemon itself is not
 * loaded. What cannot be read says nothing.
 */
export const findOwnAddress = async (): Promise<Address | undefined> => {
  const { findAddress } = await import('../../daemon/config/address.ts')
  const readFile = (path: string): string | undefined =>
    existsSync(path) ? readFileSync(path, 'utf8') : undefined
  try {
    return findAddress({ flags: {}, env: surroundings().env, cwd: cwd(), readFile })
  } catch {
    return undefined
  }
}

/** The address at which this machine reaches a daemon that listens on `host` and `port`. */
export const localUrl = async (host: string, port: number): Promise<string> =>
  (await import('../../daemon/config/address.ts')).localUrl(host, port)

type Storage = typeof import('../../daemon/host/storage.ts')

/**
 * Does something with the storage of this host's configuration; what goes wrong is told as a problem of this
 * host.
 */
export const onStorage = async <T>(
  work: (storage: Storage, settings: LoadedConfig['settings']) => Promise<T> | T,
): Promise<T> => {
  const { settings } = await readConfig()
  const storage = await import('../../daemon/host/storage.ts')
  try {
    return await work(storage, settings)
  } catch (error) {
    if (error instanceof storage.StoreInUse)
      throw localProblem('store_in_use', error.message, 'Nothing was changed.', 'conflict')
    if (error instanceof storage.TargetTaken)
      throw localProblem('target_taken', error.message, 'Nothing was changed.', 'conflict')
    throw localProblem(
      'storage',
      error instanceof Error ? error.message : 'unknown error',
      'Nothing that was there before was changed.',
    )
  }
}

/** One setting of the daemon as it is documented. */
export interface SettingText {
  readonly name: string
  readonly meaning: string
  readonly fallback: string | undefined
  readonly unit: string | undefined
  readonly isSecret: boolean
}

/** Every setting of the daemon with its meaning, in the order of the reference. */
export const listSettings = async (): Promise<SettingText[]> => {
  const { SETTINGS } = await import('../../daemon/config/settings.ts')
  return Object.entries(SETTINGS).map(([name, { meaning, fallback, ...setting }]) => ({
    name,
    meaning,
    fallback,
    unit: 'unit' in setting ? setting.unit : undefined,
    isSecret: 'secret' in setting && setting.secret === true,
  }))
}

/**
 * Refuses a weak new password by the daemon's own rule, before anything is sent; what it is made of is judged
 * where its owner is known. Throws `Failure`
 * `password_unacceptable`.
 */
export const requireAcceptablePassword = async (password: string): Promise<void> => {
  const rule = await import('../../daemon/domain/password.ts')
  rule.requireAcceptablePassword(password, { pointer: '/password', context: { serviceNames: [] } })
}
