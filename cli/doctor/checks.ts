import { statSync } from 'node:fs'
import { join } from 'node:path'
import { cwd } from 'node:process'
import { contextsPath } from '../connection/contexts.ts'
import { credentialsPath } from '../connection/credentials.ts'
import { type HostCheck, localUrl, openHost } from '../host/daemon.ts'
import { describeError } from '../errors/report.ts'
import { shellWord } from '../output/shell-word.ts'

/** One line of `authctl doctor`. */
export type Check = HostCheck

/**
 * What can be seen on this host; each problem of the configuration is a line of its own. Also where its
 * daemon would listen.
 */
export const checkHost = async (): Promise<{ checks: Check[]; server: string | undefined }> => {
  try {
    const host = await openHost()
    try {
      const { HOST, PORT } = host.config.settings
      const ok: Check = { name: 'configuration', status: 'ok', detail: 'it has no errors' }
      return {
        checks: [ok, ...(await host.checks())],
        server: PORT === 0 ? undefined : await localUrl(HOST, PORT),
      }
    } finally {
      await host.close()
    }
  } catch (error) {
    const { message, details, code } = describeError(error)
    const problems = code === 'invalid_configuration' ? (details ?? []) : [message]
    const name = code === 'invalid_configuration' ? 'configuration' : 'host'
    const fix =
      code === 'invalid_configuration'
        ? 'Correct it where it stands: the detail names it.'
        : 'See the message.'
    return {
      checks: problems.map((detail) => ({ name, status: 'fail', detail: String(detail), fix })),
      server: undefined,
    }
  }
}

/** Whether the files of this user that hold secrets are closed to others. No file: nothing to check. */
export const checkOwnFiles = (): Check[] =>
  [
    { name: 'credentials', path: credentialsPath() },
    { name: 'contexts', path: contextsPath() },
    { name: 'dot-env', path: join(cwd(), '.env') },
  ].flatMap(({ name, path }): Check[] => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode
    if (mode === undefined) return []
    return (mode & 0o077) === 0 || process.platform === 'win32'
      ? [{ name, status: 'ok', detail: `${path} is closed to others` }]
      : [
          {
            name,
            status: 'fail',
            detail: `${path} can be read by others`,
            fix: `chmod 600 ${shellWord(path)}`,
          },
        ]
  })
