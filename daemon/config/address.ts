import { peekSettings, type ConfigSources } from './load.ts'
import type { SettingOrigin } from './settings.ts'

/** Where a daemon is reached from its own machine. An address that stands for every one is the loopback. */
export const localUrl = (host: string, port: number): string => {
  const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** An address that somebody set, and where `HOST` and `PORT` of it were found. */
export interface Address {
  /** Undefined where what is set is no address. */
  readonly url: string | undefined
  readonly origins: readonly (readonly [name: string, origin: SettingOrigin])[]
}

/**
 * Where a daemon that is started here would listen; undefined unless `HOST` or `PORT` is set, and for a port
 * that only the start decides (0). Other errors of the configuration do not matter.
 */
export const findAddress = (sources: ConfigSources): Address | undefined => {
  const [host, port] = peekSettings(['HOST', 'PORT'], sources)
  const number = Number(port?.text)
  const url = localUrl(host?.text ?? '', number)
  const origins = Object.entries({ HOST: host, PORT: port }).flatMap(([name, found]) =>
    found === undefined || found.origin === 'default' ? [] : [[name, found.origin] as const],
  )
  const isUsable = Number.isInteger(number) && URL.canParse(url)
  return origins.length === 0 || number === 0 ? undefined : { url: isUsable ? url : undefined, origins }
}
