import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ContainerOptions } from './container.ts'

interface Service {
  readonly environment: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
  readonly volumes: readonly string[]
  readonly tmpfs: readonly string[]
}

/** What every container here has, whether or not it is asked for. */
const ALWAYS = { init: false, read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] }
const USED = ['environment', 'secrets', 'volumes', 'tmpfs']
const OF_THE_HOST = ['build', 'image', 'restart', 'ports', 'stop_grace_period']
const UNDERSTOOD = new Set([...Object.keys(ALWAYS), ...USED, ...OF_THE_HOST])

const readService = (text: string, name: string): Service => {
  const { services } = parse(text) as { services: Record<string, Service & Record<string, unknown>> }
  const service = services[name]
  if (service === undefined) throw new Error(`the compose file has no service ${name}`)
  const unknown = Object.keys(service).filter((key) => !UNDERSTOOD.has(key))
  if (unknown.length > 0) throw new Error(`nothing here tries ${unknown.join(', ')} of the compose file`)
  for (const [key, expected] of Object.entries(ALWAYS))
    if (JSON.stringify(service[key]) !== JSON.stringify(expected))
      throw new Error(`the compose file must say ${key}: ${JSON.stringify(expected)}`)
  return service
}

/** Gives a path to the user of the image, and closes it to all others. */
const giveTo = (path: string, user: string, mode: number): void => {
  const [uid = 0, gid = 0] = user.split(':').map(Number)
  chownSync(path, uid, gid)
  chmodSync(path, mode)
}

/**
 * The options that a service of a compose file stands for. Each secret gets the text that `secretOf` gives
 * it; each named volume is a new directory below `folder` that belongs to the image's user, as it is when a
 * container runtime makes one from an image.
 */
export const composeOptions = (
  text: string,
  name: string,
  { folder, user, secretOf }: { folder: string; user: string; secretOf: (secret: string) => string },
): ContainerOptions => {
  const service = readService(text, name)
  const binds: Record<string, string> = {}
  for (const volume of service.volumes) {
    const [source = '', path = ''] = volume.split(':')
    binds[path] = join(folder, `volume-${source}`)
    mkdirSync(binds[path])
    giveTo(binds[path], user, 0o700)
  }
  for (const secret of service.secrets) {
    const source = join(folder, `secret-${secret}`)
    binds[`/run/secrets/${secret}`] = source
    writeFileSync(source, `${secretOf(secret)}\n`)
    giveTo(source, user, 0o400)
  }
  return { environment: service.environment, tmpfs: service.tmpfs, binds }
}
