import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Parse } from '../../policies/validate/index.ts'
import { localProblem } from '../problem.ts'

/** A file of a set: its path inside the folder, with `/`. */
export interface FileText {
  readonly path: string
  readonly text: string
  /** How it is read, if not as JSON. */
  readonly parse?: Parse
}

/** More than this is no folder of policies. */
const MAX_FILES = 20_000

const isPolicyFile = (name: string): boolean => /\.(?:json|ya?ml)$/.test(name)
const isYaml = (name: string): boolean => !name.endsWith('.json')

const filesIn = (folder: string, prefix: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.isSymbolicLink()) return []
    const path = `${prefix}${entry.name}`
    if (entry.isDirectory()) return filesIn(join(folder, entry.name), `${path}/`)
    return isPolicyFile(entry.name) ? [path] : []
  })

/** A set as it lies on the disk. */
export interface PolicyFolder {
  readonly root: string
  readonly files: readonly FileText[]
  /** The path inside the folder of the one file that was named. */
  readonly only?: string
}

const SET_FILE = 'authctl.json'

const readFolder = async (root: string): Promise<PolicyFolder> => {
  const paths = filesIn(root, '').sort()
  if (paths.length > MAX_FILES)
    throw localProblem('too_many_files', `${root} holds more than ${MAX_FILES} files`)
  // Only a folder that has YAML loads its reader.
  const yaml = paths.some(isYaml) ? await import('../../policies/yaml/index.ts') : undefined
  const files = paths.map((path): FileText => {
    const text = readFileSync(join(root, path), 'utf8')
    return yaml !== undefined && isYaml(path) ? { path, text, parse: yaml.parseYaml } : { path, text }
  })
  return { root, files }
}

/** The folder of the set that a file belongs to: its own, or the one above. */
const folderOf = (file: string): string => {
  const own = dirname(file)
  const found = [own, join(own, '..')].find((folder) => existsSync(join(folder, SET_FILE)))
  if (found !== undefined) return found
  throw localProblem(
    'no_folder',
    `${file} is in no folder of policies: there is no ${SET_FILE} above it`,
    'What a file may name stands in its set: name the folder, or put the file into one.',
  )
}

/**
 * The JSON and YAML files of a policy folder, in the order of their paths. A folder that holds
 * `policies/authctl.json` stands for that one, and a file for the folder that it is in. Throws `Problem` for
 * what is neither.
 */
export const readPolicyFolder = async (path: string): Promise<PolicyFolder> => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isFile() === true) {
    const root = folderOf(path)
    return { ...(await readFolder(root)), only: relative(root, path).replaceAll('\\', '/') }
  }
  if (stats?.isDirectory() !== true)
    throw localProblem(
      'no_folder',
      `${path} is not a folder, nor a file`,
      `Name the folder that holds ${SET_FILE}, or a file of it.`,
    )
  const inner = join(path, 'policies')
  const isOuter = !existsSync(join(path, SET_FILE)) && existsSync(join(inner, SET_FILE))
  return await readFolder(isOuter ? inner : path)
}
