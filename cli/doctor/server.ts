import { describeError } from '../errors/report.ts'
import type { HostCheck } from '../host/daemon.ts'
import { probe, probeKeys, type Probe } from './probe.ts'
import { checkTls, isLoopback } from './tls.ts'
import { compareVersions } from './versions.ts'

type Check = HostCheck

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
  const order = compareVersions(version, own)
  return order === 0
    ? { name: 'version', status: 'ok', detail: `daemon and command line are ${own}` }
    : {
        name: 'version',
        status: 'warn',
        detail: `the daemon is ${version}, this command line ${own}`,
        fix:
          order < 0
            ? 'Upgrade the daemon: it may not know what newer commands ask for.'
            : 'Upgrade this command line: it may not know what the daemon can do.',
      }
}

/** Whether callers find the daemon where it says that it is (PUBLIC_URL): its links and its issuer. */
const checkPublicUrl = (publicUrl: string, asked: string): Check => {
  const name = 'public-url-seen'
  if (publicUrl === asked) return { name, status: 'ok', detail: `the daemon calls itself ${publicUrl}` }
  if (isLoopback(asked))
    return {
      name,
      status: 'ok',
      detail: `the daemon calls itself ${publicUrl}; asked by the loopback address`,
    }
  return {
    name,
    status: 'warn',
    detail: `asked at ${asked}, the daemon calls itself ${publicUrl}: links and the issuer of tokens lead there`,
    fix: `Set PUBLIC_URL=${asked} on the daemon, or ask it at ${publicUrl}.`,
  }
}

/** The public keys, by which applications verify tokens. */
const checkJwks = async (server: string, timeoutMs: number): Promise<Check> => {
  const name = 'jwks'
  const keys = await probeKeys(server, timeoutMs)
  if (keys === undefined)
    return {
      name,
      status: 'fail',
      detail: 'no key set is published at /.well-known/jwks.json',
      fix: 'Check that proxies let the path through.',
    }
  return keys.length === 0
    ? {
        name,
        status: 'warn',
        detail:
          'the key set is empty: tokens are HS256, and applications cannot verify them in their process',
        fix: 'Unset JWT_SECRET, so that the daemon makes keys of its own; everybody signs in anew.',
      }
    : { name, status: 'ok', detail: `${keys.length} public key${keys.length === 1 ? '' : 's'}` }
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

/** The daemon that is looked at. */
export interface Asked {
  readonly url: string
  readonly ownVersion: string
  readonly timeoutMs: number
  /** It was named, so that it has to run. */
  readonly isNamed: boolean
}

/** What a daemon shows without credentials. */
export const checkServer = async ({ url, ownVersion, timeoutMs, isNamed }: Asked): Promise<Check[]> => {
  let found: Probe
  try {
    found = await probe(url, timeoutMs)
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
    { name: 'server', status: 'ok', detail: `${url} answers` },
    await checkTls(url, timeoutMs),
    checkVersion(found.version, ownVersion),
    checkReady(found),
    ...(found.skewMs === undefined ? [] : [checkSkew(found.skewMs)]),
    ...(found.publicUrl === undefined ? [] : [checkPublicUrl(found.publicUrl, url)]),
    await checkJwks(url, timeoutMs),
  ]
}
