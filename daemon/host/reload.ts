import { ConfigError } from '../config/load.ts'
import { SETTINGS, type SettingName, type Settings } from '../config/settings.ts'
import type { RunningDaemon } from '../serve.ts'

/** What takes effect without a restart. Nothing that tokens, codes or the store rest on is among it. */
const RELOADED: readonly SettingName[] = ['AUTHCTL_LOG_LEVEL']

const changed = (before: Settings, after: Settings): SettingName[] =>
  (Object.keys(SETTINGS) as SettingName[]).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  )

/**
 * Reads the configuration again and gives a running daemon what may change: the log level. The log names what
 * else differs from the start, and needs a restart. A configuration with problems changes nothing; they are
 * logged.
 */
export const createReload = (
  daemon: Pick<RunningDaemon, 'log' | 'setLogLevel'>,
  started: Settings,
  read: () => Settings,
): (() => void) => {
  const readLogged = (): Settings | undefined => {
    try {
      return read()
    } catch (error) {
      const problems = error instanceof ConfigError ? error.problems : [(error as Error).message]
      daemon.log.error({ problems }, 'configuration not reloaded')
      return undefined
    }
  }
  return () => {
    const settings = readLogged()
    if (settings === undefined) return
    daemon.setLogLevel(settings.AUTHCTL_LOG_LEVEL)
    const needRestart = changed(started, settings).filter((name) => !RELOADED.includes(name))
    daemon.log.info({ logLevel: settings.AUTHCTL_LOG_LEVEL, needRestart }, 'configuration reloaded')
  }
}
