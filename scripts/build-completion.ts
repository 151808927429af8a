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

/** What is left to do to the scripts of the generator; each place must be there exactly as it is named. */
const EDITS = {
  // Where no command or flag fits, file names are offered.
  bash: ['complete -F _authctl', 'complete -o default -F _authctl'],
  // The script can be sourced, and does not only work from a folder of `fpath`: what follows calls it.
  zsh: [/\n_authctl\n?$/, '\n'],
} as const

const edit = (script: string, [what, by]: readonly [string | RegExp, string]): string => {
  const edited = script.replace(what, () => by)
  if (edited === script)
    throw new Error(`@oclif/plugin-autocomplete has changed: ${what} is not in its script`)
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
      bash: edit(read('bash/authctl.bash'), EDITS.bash) + bashValues(config),
      zsh: edit(read('zsh/_authctl'), EDITS.zsh) + zshValues(config),
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
