import { parseEnv } from 'node:util'
import { join, resolve } from 'node:path'
import { checkTogether } from './refusals.ts'
import {
  CLI_NAMES,
  SETTINGS,
  type LoadedConfig,
  type SettingOrigin,
  type SettingName,
  type Settings,
} from './settings.ts'

export interface ConfigSources {
  readonly flags: Readonly<Partial<Record<SettingName, string>>>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** The text of a file; undefined if there is none. Throws if it cannot be read. */
  readonly readFile: (path: string) => string | undefined
}

/** Every problem of a configuration at once, each a sentence that names the setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(
      `the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}:\n${problems.map((p) => `  - ${p}`).join('\n')}`,
    )
    this.problems = problems
  }
}

const NAMES = Object.keys(SETTINGS) as SettingName[]
const isSetting = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name)

type Layer = { readonly origin: SettingOrigin; readonly values: ReadonlyMap<string, string> }

const mapOf = (record: Readonly<Record<string, string | undefined>>): Map<string, string> =>
  new Map(
    Object.entries(record).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  )

const unknownNames = (layer: Layer, problems: string[]): void => {
  for (const name of layer.values.keys()) {
    const base = name.endsWith('_FILE') ? name.slice(0, -5) : name
    const known = isSetting(base) || CLI_NAMES.includes(base)
    if (known) continue
    if (layer.origin === 'file' || name.startsWith('AUTHCTL_'))
      problems.push(`${name} (${layer.origin}) is not a setting of authctl`)
  }
}

const readConfigFile = (path: string, sources: ConfigSources, problems: string[]): Map<string, string> => {
  try {
    const content = sources.readFile(path)
    if (content === undefined) throw new Error('there is no such file')
    const parsed: unknown = JSON.parse(content)
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      throw new Error('it must hold one JSON object')
    return new Map(Object.entries(parsed).map(([name, value]) => [name, String(value)]))
  } catch (error) {
    problems.push(`AUTHCTL_CONFIG: ${path} cannot be used: ${(error as Error).message}`)
    return new Map()
  }
}

const readSecretFile = (
  name: SettingName,
  path: string,
  sources: ConfigSources,
  problems: string[],
): string | undefined => {
  try {
    const content = sources.readFile(resolve(sources.cwd, path))
    if (content !== undefined) return content.replace(/\r?\n$/, '')
    problems.push(`${name}_FILE: ${path} does not exist`)
  } catch (error) {
    problems.push(
      `${name}_FILE: ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`,
    )
  }
  return undefined
}

/**
 * The text of one setting and where it came from: the first layer that has it, as `NAME` or (secrets)
 * `NAME_FILE`.
 */
const find = (name: SettingName, layers: readonly Layer[], sources: ConfigSources, problems: string[]) => {
  for (const { origin, values } of layers) {
    const value = values.get(name)
    const path = SETTINGS[name].secret === true ? values.get(`${name}_FILE`) : undefined
    if (value !== undefined && path !== undefined)
      problems.push(`${name} and ${name}_FILE are both set: keep one`)
    if (value !== undefined) return { origin, text: value }
    if (path !== undefined) return { origin, text: readSecretFile(name, path, sources, problems) }
  }
  const { fallback } = SETTINGS[name]
  return { origin: fallback === undefined ? ('unset' as const) : ('default' as const), text: fallback }
}

/**
 * Reads the configuration: flags over environment over `.env` over the JSON file over defaults. Throws
 * `ConfigError` with every problem. Names that start with `AUTHCTL_` and are not known are refused, so that a
 * typing error cannot pass in silence.
 */
export const loadConfig = (sources: ConfigSources): LoadedConfig => {
  const problems: string[] = []
  const dotEnv = sources.readFile(join(sources.cwd, '.env'))
  const layers: Layer[] = [
    { origin: 'flag', values: mapOf(sources.flags) },
    { origin: 'environment', values: mapOf(sources.env) },
    {
      origin: '.env',
      values: dotEnv === undefined ? new Map() : mapOf(parseEnv(dotEnv)),
    },
  ]
  const file = layers.map((layer) => layer.values.get('AUTHCTL_CONFIG')).find((path) => path !== undefined)
  if (file !== undefined)
    layers.push({ origin: 'file', values: readConfigFile(resolve(sources.cwd, file), sources, problems) })
  for (const layer of layers) unknownNames(layer, problems)

  const settings: Partial<Record<SettingName, unknown>> = {}
  const origins: Partial<Record<SettingName, SettingOrigin>> = {}
  for (const name of NAMES) {
    const { origin, text } = find(name, layers, sources, problems)
    origins[name] = origin
    if (text === undefined) continue
    try {
      settings[name] = SETTINGS[name].parse(text)
    } catch (error) {
      problems.push(`${name} (${origin}) ${(error as Error).message}`)
    }
  }
  const loaded = { settings: settings as Settings, origins: origins as Record<SettingName, SettingOrigin> }
  if (problems.length === 0) problems.push(...checkTogether(loaded))
  if (problems.length > 0) throw new ConfigError(problems)
  return loaded
}
