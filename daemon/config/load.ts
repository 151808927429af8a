import { join, resolve } from 'node:path'
import { nearest } from '../../policies/text/nearest.ts'
import { parseDotEnv } from './dot-env.ts'
import { parseSettingsFile } from './json-file.ts'
import { checkTogether } from './refusals.ts'
import { isServiceLink } from './service-links.ts'
import {
  CLI_NAMES,
  SETTINGS,
  type LoadedConfig,
  type SettingOrigin,
  type SettingName,
  type Settings,
} from './settings.ts'

/** Where settings come from; flags win over the environment, and that wins over files. */
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

const TRY_TEXT = 'for random ones try: openssl rand -base64 48'

const NAMES = Object.keys(SETTINGS) as SettingName[]
const isSecret = (name: SettingName): boolean => SETTINGS[name].secret === true
const isSetting = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name)

type Layer = { readonly origin: SettingOrigin; readonly values: ReadonlyMap<string, string> }

const mapOf = (record: Readonly<Record<string, string | undefined>>): Map<string, string> =>
  new Map(
    Object.entries(record).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  )

const unknownNames = (layer: Layer, problems: string[]): void => {
  for (const [name, value] of layer.values) {
    const base = name.replace(/_FILE$/, '')
    const known = isSetting(name) || (isSetting(base) && isSecret(base)) || CLI_NAMES.includes(base)
    if (known || (layer.origin === 'environment' && isServiceLink(name, value))) continue
    if (layer.origin !== 'file' && !/^AUTHCTL_/i.test(name)) continue
    const near = nearest(base.toUpperCase(), NAMES)
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    problems.push(`${name} (${layer.origin}) is not a setting of authctl${hint}`)
  }
}

const readConfigFile = (path: string, sources: ConfigSources, problems: string[]): Map<string, string> => {
  const refuse = (why: string): void => void problems.push(`AUTHCTL_CONFIG: ${path} cannot be used: ${why}`)
  try {
    const content = sources.readFile(path)
    if (content === undefined) throw new Error('there is no such file')
    const { values, problems: found } = parseSettingsFile(content)
    found.forEach(refuse)
    return values
  } catch (error) {
    refuse((error as Error).message)
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
    if (content !== undefined) return content.replace(/^\uFEFF/, '').replace(/\r?\n$/, '')
    problems.push(`${name}_FILE: ${path} does not exist`)
  } catch (error) {
    problems.push(`${name}_FILE: ${path} cannot be read: ${codeOf(error)}`)
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
    const path = isSecret(name) ? values.get(`${name}_FILE`) : undefined
    if (value !== undefined && path !== undefined)
      problems.push(`${name} and ${name}_FILE are both set: keep one`)
    if (value !== undefined) return { origin, text: value }
    if (path !== undefined) return { origin, text: readSecretFile(name, path, sources, problems) }
  }
  const { fallback } = SETTINGS[name]
  return { origin: fallback === undefined ? ('unset' as const) : ('default' as const), text: fallback }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown error'

const readDotEnv = (sources: ConfigSources, problems: string[]): ReadonlyMap<string, string> => {
  try {
    const { values, problems: found } = parseDotEnv(sources.readFile(join(sources.cwd, '.env')) ?? '')
    problems.push(...found)
    return mapOf(Object.fromEntries(values))
  } catch (error) {
    problems.push(`.env cannot be read: ${codeOf(error)}`)
    return new Map()
  }
}

const readLayers = (sources: ConfigSources, problems: string[]): Layer[] => {
  const layers: Layer[] = [
    { origin: 'flag', values: mapOf(sources.flags) },
    { origin: 'environment', values: mapOf(sources.env) },
    { origin: '.env', values: readDotEnv(sources, problems) },
  ]
  const file = layers.map((layer) => layer.values.get('AUTHCTL_CONFIG')).find((path) => path !== undefined)
  if (file !== undefined)
    layers.push({ origin: 'file', values: readConfigFile(resolve(sources.cwd, file), sources, problems) })
  return layers
}

/** Single settings as they are written and where, whatever else is wrong with the configuration. */
export const peekSettings = (
  names: readonly SettingName[],
  sources: ConfigSources,
): { readonly origin: SettingOrigin; readonly text: string | undefined }[] => {
  const layers = readLayers(sources, [])
  return names.map((name) => find(name, layers, sources, []))
}

/**
 * Reads the configuration: flags over environment over `.env` over the JSON file over defaults. Throws
 * `ConfigError` with every problem. Names that start with `AUTHCTL_` and are not known are refused, so that a
 * typing error cannot pass in silence.
 */
export const loadConfig = (sources: ConfigSources): LoadedConfig => {
  const problems: string[] = []
  const layers = readLayers(sources, problems)
  // A setting that seems to be missing may stand on a line that was not understood.
  const isWhole = problems.length === 0
  for (const layer of layers) unknownNames(layer, problems)

  const settings: Partial<Record<SettingName, unknown>> = {}
  const origins: Partial<Record<SettingName, SettingOrigin>> = {}
  const unreadable = new Set<string>()
  for (const name of NAMES) {
    const { origin, text } = find(name, layers, sources, problems)
    origins[name] = origin
    if (text === undefined && origin !== 'unset') unreadable.add(name)
    if (text === undefined) continue
    try {
      // Whatever was no UTF-8 reads as the same character, so that different secrets would be one.
      if (text.includes('\uFFFD')) throw new Error(`has bytes that are not UTF-8; ${TRY_TEXT}`)
      settings[name] = SETTINGS[name].parse(text)
    } catch (error) {
      unreadable.add(name)
      problems.push(`${name} (${origin}) ${(error as Error).message}`)
      if (name === 'NODE_ENV' && /^prod/i.test(text)) settings[name] = 'production'
    }
  }
  const loaded = { settings: settings as Settings, origins: origins as Record<SettingName, SettingOrigin> }
  if (isWhole) problems.push(...checkTogether(loaded, unreadable))
  if (problems.length > 0) throw new ConfigError(problems)
  return loaded
}
