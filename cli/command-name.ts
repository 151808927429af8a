import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, join, resolve } from 'node:path'
import { argv, cwd, execPath } from 'node:process'
import { shellWord } from './output/shell-word.ts'
import { surroundings } from './surroundings.ts'

const real = (path: string): string | undefined => {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/**
 * What the reader types to call this command line again: `authctl` where the PATH has it, otherwise a path
 * that works. In a checkout that is the launcher: `./authctl` for somebody who stands in its folder.
 */
export const commandName = (from: 'here' | 'anywhere' = 'here'): string => {
  const binary = real(argv[1] ?? '')
  // Inside another program, such as a test, nobody typed a path.
  if (binary === undefined || basename(binary) !== 'bin.js') return 'authctl'
  const launcher = resolve(binary, '../../../authctl')
  const folders = (surroundings().env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const onPath = folders.map((folder) => real(join(folder, 'authctl')))
  if (onPath.some((path) => path === binary || path === launcher)) return 'authctl'
  if (!existsSync(launcher)) return `${shellWord(execPath)} ${shellWord(binary)}`
  return from === 'here' && cwd() === resolve(launcher, '..') ? './authctl' : shellWord(launcher)
}

/** A sentence that names commands, with the name under which the reader can call them. */
export const asTyped = (text: string): string => {
  const name = commandName()
  return name === 'authctl' ? text : text.replaceAll(/(?<![\w./-])authctl (?=[a-z-])/g, () => `${name} `)
}
