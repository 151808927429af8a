import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { localProblem } from './problem.ts'

/** A file of a set: its path inside the folder, with `/`. */
export interface FileText {
  readonly path: string
  readonly text: string
}

/** More than this is no folder of policies. */
const MAX_FILES = 20_000

const jsonFilesIn = (folder: string, prefix: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.isSymbolicLink()) return []
    const path = `${prefix}${entry.name}`
    if (entry.isDirectory()) return jsonFilesIn(join(folder, entry.name), `${path}/`)
    return entry.name.endsWith('.json') ? [path] : []
  })

/**
 * The JSON files of a policy folder, in the order of their paths. A folder that holds `policies/authctl.json` stands for that one.
 * Throws `Problem` for what is no folder.
 */
export const readPolicyFolder = (folder: string): { root: string; files: FileText[] } => {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw localProblem('no_folder', `${folder} is not a folder`, 'Name the folder that holds authctl.json.')
  const inner = join(folder, 'policies')
  const isOuter = !existsSync(join(folder, 'authctl.json')) && existsSync(join(inner, 'authctl.json'))
  const root = isOuter ? inner : folder
  const paths = jsonFilesIn(root, '').sort()
  if (paths.length > MAX_FILES)
    throw localProblem('too_many_files', `${root} holds more than ${MAX_FILES} files`)
  return { root, files: paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })) }
}

/** The name of a policy or service by the name of its file. */
export const nameOfFile = (file: string): string => basename(file).replace(/\.json$/, '')
