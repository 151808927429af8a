import { localProblem } from '../problem.ts'

/** What a running daemon tells without credentials. */
export interface Probe {
  readonly isReady: boolean
  /** Failed checks of `/readyz`. */
  readonly failed: readonly string[]
  /** The daemon's own; undefined if something else answers there. */
  readonly version: string | undefined
  /** What it calls itself; undefined if something else answers there. */
  readonly publicUrl: string | undefined
  /** The daemon's clock minus ours, in milliseconds; to the second. Undefined without a `Date` header. */
  readonly skewMs: number | undefined
}

const get = async (
  url: string,
  timeoutMs: number,
): Promise<{ status: number; body: unknown; date: string | null }> => {
  const response = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'error',
    headers: { accept: 'application/json' },
  })
  const text = await response.text()
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    body = undefined
  }
  return { status: response.status, body, date: response.headers.get('date') }
}

const unreachable = (server: string, error: unknown): Error => {
  const { cause, name } = error as Error & { cause?: { code?: string } }
  const why = name === 'TimeoutError' ? 'it did not answer in time' : (cause?.code ?? 'the connection failed')
  return localProblem(
    'unreachable',
    `no daemon answers at ${server}: ${why}`,
    'Start one with: authctl start',
    'unreachable',
  )
}

/** Whether the daemon can serve, from `/readyz`. Throws `Problem` `unreachable`. */
export const probeReadiness = async (
  server: string,
  timeoutMs: number,
): Promise<Pick<Probe, 'isReady' | 'failed' | 'skewMs'>> => {
  try {
    const { status, body, date } = await get(`${server}/readyz`, timeoutMs)
    const { status: said, checks = {} } = (body ?? {}) as { status?: string; checks?: Record<string, string> }
    const failed = Object.entries(checks).flatMap(([name, state]) => (state === 'ok' ? [] : [name]))
    const skewMs = date === null ? undefined : Date.parse(date) - Math.floor(Date.now() / 1000) * 1000
    // A proxy or another program may answer 200 to any path.
    return { isReady: status === 200 && said === 'ready', failed, skewMs }
  } catch (error) {
    throw unreachable(server, error)
  }
}

const textAt = (value: unknown, ...path: readonly string[]): string | undefined => {
  const found = path.reduce<unknown>(
    (each, member) => (each as Readonly<Record<string, unknown>> | null | undefined)?.[member],
    value,
  )
  return typeof found === 'string' ? found : undefined
}

/** The version of the daemon, and what it calls itself. */
const probeInfo = async (
  server: string,
  timeoutMs: number,
): Promise<Pick<Probe, 'version' | 'publicUrl'>> => {
  const { body } = await get(`${server}/`, timeoutMs)
  const jwks = textAt(body, 'links', 'jwks')
  if (textAt(body, 'name') !== 'authctl') return { version: undefined, publicUrl: undefined }
  return { version: textAt(body, 'version'), publicUrl: jwks?.replace(/\/\.well-known\/jwks\.json$/, '') }
}

/** The version of what answers at a server; undefined if that is no daemon, or does not answer. */
export const probeVersion = async (server: string, timeoutMs: number): Promise<string | undefined> => {
  try {
    return (await probeInfo(server, timeoutMs)).version
  } catch {
    return undefined
  }
}

/** The published keys; undefined if there is no key set. */
export const probeKeys = async (
  server: string,
  timeoutMs: number,
): Promise<readonly unknown[] | undefined> => {
  try {
    const { status, body } = await get(`${server}/.well-known/jwks.json`, timeoutMs)
    const { keys } = (body ?? {}) as { keys?: unknown }
    return status === 200 && Array.isArray(keys) ? keys : undefined
  } catch {
    return undefined
  }
}

/** Readiness, version, address and clock of a daemon. Throws `Problem` `unreachable`. */
export const probe = async (server: string, timeoutMs: number): Promise<Probe> => {
  const readiness = await probeReadiness(server, timeoutMs)
  try {
    return { ...readiness, ...(await probeInfo(server, timeoutMs)) }
  } catch (error) {
    throw unreachable(server, error)
  }
}
