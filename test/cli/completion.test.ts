import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest'
import { createSandbox, type Sandbox } from './run-cli.ts'
import { BIN } from './spawn-cli.ts'

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
  const bin = join(sandbox.directory, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'authctl'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`)
  chmodSync(join(bin, 'authctl'), 0o755)
  writeFileSync(join(sandbox.directory, 'basic.json'), '{}')
  const contexts = { production: { server: 'http://127.0.0.1:2', protected: true } }
  mkdirSync(sandbox.configDirectory, { mode: 0o700 })
  writeFileSync(join(sandbox.configDirectory, 'contexts.json'), JSON.stringify({ contexts }), { mode: 0o600 })
})
afterAll(() => sandbox.remove())

/** Runs a script in a shell that has `authctl` on its path and an empty home. */
const runIn = (context: TestContext, shell: 'bash' | 'zsh' | 'fish', script: string): string => {
  const isThere = spawnSync(shell, ['--version']).status === 0
  if (!isThere && process.env['CI'] !== 'true') context.skip(`there is no ${shell} on this machine`)
  const { stdout, stderr } = spawnSync(shell, ['-c', script], {
    cwd: sandbox.directory,
    encoding: 'utf8',
    env: {
      PATH: `${join(sandbox.directory, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: sandbox.directory,
      TERM: 'xterm-256color',
      AUTHCTL_CONFIG_DIR: sandbox.configDirectory,
    },
  })
  expect(stderr).toBe('')
  return stdout
}

/** Names that are asked for while somebody types. */
const NAMES: readonly (readonly [typed: string, offered: string])[] = [
  ['authctl context use prod', 'production'],
  ['authctl places list --context prod', 'production'],
]

const CASES: readonly (readonly [typed: string, offered: string])[] = [
  ['authctl pol', 'policies'],
  ['authctl policies pu', 'put'],
  ['authctl policies put --if', '--if-match'],
  ['authctl whoami --js', '--json'],
  ['authctl policies put bas', 'basic.json'],
]

describe('CLI-C25: completion', () => {
  test('bash completes commands and flags', (context) => {
    const typed = [...CASES.slice(0, -1), ...NAMES]
    const tries = typed.map(([words]) => `try ${words}`)
    const script = `source <(authctl completion bash)
try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _authctl_with_names; echo "\${COMPREPLY[*]}"; }
${tries.join('\n')}
complete -p authctl`
    const lines = runIn(context, 'bash', script).trim().split('\n')
    // The same word several times is one offer: readline lists it once.
    expect(lines.slice(0, -1).map((line) => [...new Set(line.split(' '))])).toEqual(
      typed.map(([, offered]) => [offered]),
    )
    expect(lines.at(-1)).toContain('-o default')
  })

  test('zsh completes commands, flags and files', (context) => {
    const all = [...CASES, ...NAMES]
    const tries = all.map(([typed, offered]) => {
      const [rest] = typed.split(' ').slice(-1)
      return `zpty -w -n z $'\\x15'${JSON.stringify(typed)}$'\\t'; await_text ${JSON.stringify(offered.slice(rest?.length))}`
    })
    const script = `zmodload zsh/zpty
await_text() {
  local out= part
  repeat 200; do
    while zpty -r -t z part; do out+=$part; done
    [[ $out == *$1* ]] && { echo ok; return }
    sleep 0.1
  done
  print -r -- "no $1 in: \${(V)out}"
}
zpty z zsh -f -i
zpty -w z 'PROMPT=; autoload -Uz compinit; compinit -u -D; source <(authctl completion zsh); echo REA''DY'
await_text READY
${tries.join('\n')}
zpty -d z`
    expect(runIn(context, 'zsh', script).trim().split('\n')).toEqual(['ok', ...all.map(() => 'ok')])
  })

  test('fish completes commands, flags, values and files', (context) => {
    const folder = join(sandbox.directory, '.config/fish/completions')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'authctl.fish'), 'authctl completion fish | source\n')
    const all = [
      ...CASES,
      ...NAMES,
      ['authctl admins list -o y', 'yaml'],
      ['authctl completion f', 'fish'],
    ] as const
    const script = all.map(([typed]) => `complete -C '${typed}'`).join('; echo ==; ')
    const offered = runIn(context, 'fish', script).split('==\n')
    expect(offered.map((lines) => lines.split('\n').map((line) => line.split('\t', 1)[0]))).toEqual(
      all.map(([, word]) => [word, '']),
    )
  })

  test('PowerShell gets every command', async () => {
    const { stdout } = await sandbox.run({ argv: ['completion', 'powershell'] })
    expect(stdout).toContain('Register-ArgumentCompleter')
    for (const word of ['policies', 'set-boundary', 'whoami', 'if-match']) expect(stdout).toContain(word)
  })
})

describe('plugins', () => {
  /**
   * Plants a plugin where oclif looks for those of a user; it leaves a file behind as soon as it is loaded.
   */
  const plant = (folder: string): string => {
    const plugin = join(folder, 'plugin')
    const witness = join(folder, 'was-loaded')
    mkdirSync(join(plugin, 'lib'), { recursive: true })
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ oclif: { plugins: [{ type: 'link', name: 'planted', root: plugin }] } }),
    )
    writeFileSync(
      join(plugin, 'package.json'),
      JSON.stringify({
        name: 'planted',
        version: '1.0.0',
        files: ['lib'],
        oclif: { commands: './commands', hooks: { init: './lib/init.js', prerun: './lib/init.js' } },
      }),
    )
    writeFileSync(
      join(plugin, 'lib/init.js'),
      `require('node:fs').writeFileSync(${JSON.stringify(witness)}, ''); module.exports = async () => {}`,
    )
    return witness
  }

  test.each([
    'AUTHCTL_DATA_DIR',
    'AUTHCTL_CACHE_DIR',
    'AUTHCTL_CONFIG_DIR',
    'XDG_DATA_HOME',
    'XDG_CONFIG_HOME',
    'XDG_CACHE_HOME',
    'HOME',
  ])('none is loaded from the folder that %s names', async (name) => {
    const root = join(sandbox.directory, name)
    const below = { HOME: '.local/share/authctl' }[name] ?? (name.startsWith('XDG_') ? 'authctl' : '.')
    const folder = join(root, below)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const witness = plant(folder)
    for (const argv of [
      ['completion', 'bash'],
      ['config', 'print'],
    ]) {
      const { code, stderr } = await sandbox.spawn({ argv, env: { [name]: root } })
      // No variable of oclif's is a setting of ours: those that look like one are refused by name.
      if (argv[0] === 'config' && name === 'AUTHCTL_CACHE_DIR') expect(stderr).toContain(name)
      else expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    }
    expect(existsSync(witness)).toBe(false)
  })

  test('none is loaded from the folder that the command is run in, whatever oclif is told', async () => {
    // Commands of the sandbox run in its directory.
    const witness = plant(sandbox.directory)
    const env = { OCLIF_NEXT_VERSION: '1', OCLIF_TS_NODE: '1', NODE_ENV: 'development' }
    expect(await sandbox.spawn({ argv: ['completion', 'bash'], env })).toMatchObject({ code: 0 })
    expect(existsSync(witness)).toBe(false)
  })
})
