import { LocalCommand } from '../../base-command.ts'
import { listSettings, readConfig } from '../../host/daemon.ts'
import type { View } from '../../output/print.ts'

const asText = (value: unknown): string => {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.join(',')
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return Object.entries(value)
    .map(([key, item]) => `${key}=${String(item)}`)
    .join(',')
}

/** The settings a daemon started here would have. */
export default class ConfigPrint extends LocalCommand<typeof ConfigPrint> {
  static override summary = 'Show every setting of the daemon, its value and where it comes from'
  static override description =
    'Secrets are shown as (set). All errors of the configuration are reported at once.'
  static override examples = ['<%= config.bin %> config print', '<%= config.bin %> config print --json']

  protected override async execute(): Promise<View> {
    const { settings, origins } = await readConfig()
    const values: Readonly<Record<string, unknown>> = settings
    const sources: Readonly<Record<string, string>> = origins
    const rows = (await listSettings()).map(({ name, isSecret }) => {
      const value = values[name]
      return {
        name,
        value: isSecret && value !== undefined ? '(set)' : asText(value),
        source: sources[name] ?? 'unset',
      }
    })
    return { data: rows, rows, columns: ['name', 'value', 'source'] }
  }
}
