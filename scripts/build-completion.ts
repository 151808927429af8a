import { Config } from '@oclif/core/config'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { env } from 'node:process'
import { fileURLToPath } from 'node:url'
import { bashValues, zshValues } from './completion-values.ts'
import { fishCompletion } from './fish-completion.ts'
import { ROOT } from './sources.ts'

const TARGET = join(ROOT, 'dist/completion')

/** The call at the end of a script of the generator, in whose place ours follows: it must be there. */
const OWN_CALLS = {
  bash: /\ncomplete -F _authctl_autocomplete authctl\n?$/,
  // The script can be sourced, and does not only work from a folder of `fpath`.
  zsh: /\n_authctl\n?$/,
} as const

const withoutCall = (script: string, call: RegExp): string => {
  const edited = script.replace(call, '\n')
  if (edited === script)
    throw new Error(`@oclif/plugin-autocomplete has changed: ${call} is not in its script`)
  return edited
}

/** The generator writes into the cache of the command line, which is an empty folder here. */
const generate = async (config: Config): Promise<Record<'bash' | 'zsh' | 'powershell', string>> => {
  const cache = mkdtempSync(join(tmpdir(), 'authctl-completion-'))
  try {
    env['AUTHCTL_CACHE_DIR'] = cache
    const plugin = await Config.load({
      root: dirname(fileURLToPath(import.meta.resolve('@oclif/plugin-autocomplete'))),
      userPlugins: false,
      devPlugins: false,
    })
    const command = await plugin.findCommand('autocomplete:create', { must: true }).load()
    await command.run([], config)
    const read = (file: string): string => readFileSync(join(cache, 'autocomplete/functions', file), 'utf8')
    return {
      bash: withoutCall(read('bash/authctl.bash'), OWN_CALLS.bash) + bashValues(config),
      zsh: withoutCall(read('zsh/_authctl'), OWN_CALLS.zsh) + zshValues(config),
      powershell: read('powershell/authctl.ps1'),
    }
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
}

// Made here and shipped, so that the installed command line needs no generator, loads no plugin and keeps no
// cache that could belong to another version.
const config = await Config.load({ root: ROOT, userPlugins: false, devPlugins: false })
const scripts = { ...(await generate(config)), fish: fishCompletion(config) }
mkdirSync(TARGET, { recursive: true })
for (const [shell, script] of Object.entries(scripts)) writeFileSync(join(TARGET, shell), script)
