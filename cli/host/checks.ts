import { statSync } from 'node:fs'
import { credentialsPath } from '../connection/credentials.ts'
import { type HostCheck, localUrl, openHost } from './daemon.ts'
import { probe, type Probe } from './probe.ts'
import { describeError } from '../errors/report.ts'

/** One line of `authctl doctor`. */
export type Check = HostCheck

const WARN_SKEW_MS = 5000
const FAIL_SKEW_MS = 30_000

const checkSkew = (skewMs: number): Check => {
  const seconds = `${Math.abs(skewMs) / 1000} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine`
  if (Math.abs(skewMs) < WARN_SKEW_MS) return { name: 'clock', status: 'ok', detail: 'the clocks agree' }
  return {
    name: 'clock',
    status: Math.abs(skewMs) < FAIL_SKEW_MS ? 'warn' : 'fail',
    detail: `the daemon's clock is ${seconds}`,
    fix: 'Synchronise both clocks (NTP): tokens are judged by time.',
  }
}

const checkVersion = (version: string | undefined, own: string): Check => {
  if (version === undefined)
    return {
      name: 'version',
      status: 'fail',
      detail: 'what answers there is not authctl',
      fix: 'Check --server.',
    }
  return version === own
    ? { name: 'version', status: 'ok', detail: `daemon and command line are ${own}` }
    : {
        name: 'version',
        status: 'warn',
        detail: `the daemon is ${version}, this command line ${own}`,
        fix: 'Install the same version on both sides.',
      }
}

const checkReady = ({ isReady, failed }: Probe): Check =>
  isReady
    ? { name: 'ready', status: 'ok', detail: 'it can serve' }
    : {
        name: 'ready',
        status: 'fail',
        detail: `it is not ready: ${failed.join(', ') || 'no reason given'}`,
        fix: 'Look at the log of the daemon.',
      }

/** What a daemon shows without credentials. One that was not `named` need not run. */
export const checkServer = async (
  server: string,
  ownVersion: string,
  timeoutMs: number,
  isNamed: boolean,
): Promise<Check[]> => {
  let found: Probe
  try {
    found = await probe(server, timeoutMs)
  } catch (error) {
    const detail = describeError(error).message
    return [
      {
        name: 'server',
        status: isNamed ? 'fail' : 'warn',
        detail,
        fix: 'authctl start, or name another with --server',
      },
    ]
  }
  return [
    { name: 'server', status: 'ok', detail: `${server} answers` },
    checkVersion(found.version, ownVersion),
    checkReady(found),
    ...(found.skewMs === undefined ? [] : [checkSkew(found.skewMs)]),
  ]
}

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

/** Whether the file with the sign-ins is closed to others. No file: nothing to check. */
export const checkCredentials = (): Check[] => {
  const path = credentialsPath()
  const mode = statSync(path, { throwIfNoEntry: false })?.mode
  if (mode === undefined) return []
  return (mode & 0o077) === 0 || process.platform === 'win32'
    ? [{ name: 'credentials', status: 'ok', detail: `${path} is closed to others` }]
    : [
        {
          name: 'credentials',
          status: 'fail',
          detail: `${path} can be read by others`,
          fix: `chmod 600 ${path}`,
        },
      ]
}
