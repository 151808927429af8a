import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'

interface ManifestFlag {
  readonly type: 'boolean' | 'option'
  readonly char?: string
  readonly required?: boolean
  readonly options?: readonly string[]
  readonly helpGroup?: string
  readonly summary?: string
}

interface ManifestCommand {
  readonly summary?: string
  readonly examples?: readonly unknown[]
  readonly flags: Readonly<Record<string, ManifestFlag>>
  readonly args: Readonly<Record<string, { readonly required?: boolean }>>
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
  readonly commands: Readonly<Record<string, ManifestCommand>>
}
const commands = Object.entries(manifest.commands).sort(([a], [b]) => a.localeCompare(b))

const describeFlag = ([name, flag]: [string, ManifestFlag]): [string, string] => {
  const value = flag.options?.join('|') ?? (flag.type === 'option' ? 'VALUE' : 'switch')
  const char = flag.char === undefined ? '' : `, also -${flag.char}`
  return [`--${name}`, `${value}${flag.required === true ? ', required' : ''}${char}`]
}

/** Every command with its arguments and flags, as scripts know them. */
const surface = Object.fromEntries(
  commands.map(([id, { args, flags }]) => [
    id.replaceAll(':', ' '),
    Object.fromEntries([
      ...Object.entries(args).map(([name, { required }]) => [
        name.toUpperCase(),
        required === true ? 'required' : 'optional',
      ]),
      ...Object.entries(flags)
        .map(describeFlag)
        .sort(([x], [y]) => x.localeCompare(y)),
    ]),
  ]),
)

describe('commands', () => {
  test('CLI-C5: commands and flags are those of command-snapshot.json; a change of it is a change for scripts', async () => {
    await expect(`${JSON.stringify(surface, null, 2)}\n`).toMatchFileSnapshot('command-snapshot.json')
  })

  test.each(commands)(
    'CLI-C19: %s has a summary and examples, and takes no secret as a value',
    (_, { summary, examples, flags }) => {
      expect(summary).toBeTruthy()
      expect(examples?.length).toBeGreaterThan(0)
      const secretValues = Object.entries(flags).filter(
        ([name, { type }]) =>
          type === 'option' &&
          /password|token|secret|otp|key/.test(name) &&
          !/-file$|^public-key$/.test(name),
      )
      expect(secretValues).toEqual([])
    },
  )

  test.each(commands)('CLI-C12: %s has a summary for each flag', (_, { flags }) => {
    expect(Object.entries(flags).filter(([, { summary }]) => summary === undefined)).toEqual([])
  })

  test('CLI-C12: what lists or gets prints in every format', () => {
    const readers = commands.filter(([id]) => /:(list|get|print)$/.test(id))
    expect(readers.length).toBeGreaterThan(8)
    for (const [, { flags }] of readers)
      expect(flags['output']?.options).toEqual(['table', 'json', 'yaml', 'name'])
  })

  test('CLI-C28: the manifest is shipped and names a file of every command', () => {
    for (const [id] of commands)
      expect(existsSync(join(ROOT, 'dist/cli/commands', `${id.replaceAll(':', '/')}.js`))).toBe(true)
  })
})
