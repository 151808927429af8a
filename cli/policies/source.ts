import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { statSync } from 'node:fs'
import { parseJson } from '../../policies/validate/index.ts'
import { readInput } from '../input/prompt.ts'
import { readText } from '../input/text-file.ts'
import { usageProblem } from '../problem.ts'
import { isBundle, readBundle } from './bundle.ts'
import { folderAround, readPolicyFolder, setFoldersIn, type PolicyFolder, type ReadFile } from './folder.ts'

/** Where policies are read from, as an argument; the working folder, if left out. */
export const SOURCE_ARG = stringArg({
  description: 'The folder that holds authctl.json, or a file of it; the working folder, if left out',
})

/** The same as flags, as kubectl has them. */
export const SOURCE_FLAGS = {
  filename: string({
    char: 'f',
    multiple: true,
    helpValue: 'FILE|DIR|-',
    summary:
      'Files or folders of a set, instead of the argument; also a set in one text, as `policies export` prints it, - for standard input',
  }),
  recursive: boolean({ char: 'R', summary: 'Every set below the folder' }),
}

/** What was typed of them. */
export interface Asked {
  readonly path?: string | undefined
  readonly filename?: readonly string[] | undefined
  readonly recursive?: boolean | undefined
}

const STDIN = 'standard input'

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true

/** The set that a file holds by itself; undefined for one that is a part of a set, or none. */
const bundleIn = async (path: string, read: ReadFile | undefined): Promise<PolicyFolder | undefined> => {
  // One that cannot be read is told as a part of its set, if there is one.
  if (read?.(path).parse !== undefined && folderAround(path) !== undefined) return undefined
  const text = readText(path)
  const { node } = parseJson(text)
  if (isBundle(node)) return await readBundle(path, text)
  if (node !== undefined || path.endsWith('.json')) return undefined
  const { parseYaml } = await import('../../policies/yaml/index.ts')
  return isBundle(parseYaml(text).node) ? await readBundle(path, text) : undefined
}

const readOne = async (path: string, read: ReadFile | undefined): Promise<PolicyFolder> => {
  if (path === '-') return await readBundle(STDIN, await readInput('-'))
  return (isFile(path) ? await bundleIn(path, read) : undefined) ?? (await readPolicyFolder(path, read))
}

const namedBy = ({ path, filename = [] }: Asked): readonly string[] => {
  if (path !== undefined && filename.length > 0)
    throw usageProblem('policies are named by an argument and by -f', 'Name them in one way.')
  return filename.length > 0 ? filename : [path ?? '.']
}

const below = (folder: string): readonly string[] => {
  if (folder === '-' || isFile(folder)) return [folder]
  const found = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? setFoldersIn(folder) : []
  if (found.length > 0) return found
  throw usageProblem(`there is no set below ${folder}`, 'A set is a folder with an authctl.json.')
}

/** Parts of one set that were named one after the other are one part of it. */
const joined = (all: readonly PolicyFolder[]): PolicyFolder[] => {
  const byRoot = new Map<string, PolicyFolder>()
  for (const each of all) {
    const known = byRoot.get(each.root)
    if (known !== undefined && known.only === undefined) continue
    const only = each.only && new Set([...(known?.only ?? []), ...each.only])
    byRoot.set(each.root, only === undefined ? each : { ...each, only })
  }
  return [...byRoot.values()]
}

/**
 * The sets that were named, each once, with what is asked of them. Throws `Problem`, also for a file that is
 * not UTF-8 unless `read` takes it.
 */
export const readSources = async (asked: Asked, read?: ReadFile): Promise<PolicyFolder[]> => {
  const named = namedBy(asked)
  const paths = asked.recursive === true ? named.flatMap(below) : named
  const all: PolicyFolder[] = []
  for (const path of paths) all.push(await readOne(path, read))
  return joined(all)
}

/** The one set that was named. Throws `Problem` if they are several: each is applied in one step. */
export const readSource = async (asked: Asked): Promise<PolicyFolder> => {
  const [first, second] = await readSources(asked)
  if (first !== undefined && second === undefined) return first
  throw usageProblem(
    `several sets are named: ${first?.root ?? ''} and ${second?.root ?? ''}`,
    'A set is planned and applied in one step, and each by itself: name one.',
  )
}

/** What was named, in a few words. */
export const sourceWords = (asked: Asked): string =>
  namedBy(asked)
    .map((path) => (path === '-' ? STDIN : path))
    .join(', ')
