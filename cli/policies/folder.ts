import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Parse } from '../../policies/validate/index.ts'
import { type CheckedText, readText } from '../input/text-file.ts'
import { localProblem } from '../problem.ts'

/** A file of a set: its path inside the folder, with `/`. */
export interface FileText {
  readonly path: string
  readonly text: string
  /** How it is read, if not as JSON. */
  readonly parse?: Parse
}

/** A place in a file. */
export interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** A set as it was read, and how its reader calls what is in it. */
export interface PolicyFolder {
  /** The folder; of a set in one text, the name of that. */
  readonly root: string
  readonly files: readonly FileText[]
  /** The paths inside the folder of the files that were named; left out: all. */
  readonly only?: ReadonlySet<string>
  /** The one text that it was read from, if it is none of files. */
  readonly whole?: FileText
  /** What stands at a place of a file of the set, with the place that its reader knows. */
  readonly shown: <T extends Place>(found: T) => T
  /** The text of a file by the name that its reader knows. */
  readonly textOf: (file: string) => string | undefined
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

/** The file that makes a folder a set. */
export const SET_FILE = 'authctl.json'

/** Reads one file of a set. */
export type ReadFile = (path: string) => CheckedText

const strictly: ReadFile = (path) => ({ text: readText(path) })

const readFolder = async (root: string, read: ReadFile): Promise<PolicyFolder> => {
  const paths = filesIn(root, '').sort()
  if (paths.length > MAX_FILES)
    throw localProblem('too_many_files', `${root} holds more than ${MAX_FILES} files`)
  // Only a folder that has YAML loads its reader.
  const yaml = paths.some(isYaml) ? await import('../../policies/yaml/index.ts') : undefined
  const files = paths.map((path): FileText => {
    const file = { path, ...read(join(root, path)) }
    return yaml !== undefined && isYaml(path) ? { parse: yaml.parseYaml, ...file } : file
  })
  const called = (path: string): string => (root === '.' ? path : `${root}/${path}`)
  const texts = new Map(files.map(({ path, text }) => [called(path), text]))
  return {
    root,
    files,
    shown: (found) => ({ ...found, file: called(found.file) }),
    textOf: (file) => texts.get(file),
  }
}

/**
 * The folder of the set that a path lies in: the nearest one, if there is one: the folder that the path is
 * in, or the one above.
 */
export const folderAround = (path: string): string | undefined =>
  [dirname(path), join(dirname(path), '..')].find((folder) => existsSync(join(folder, SET_FILE)))

const namesIn = (files: readonly FileText[], root: string, path: string): string[] => {
  const inside = relative(root, path).replaceAll('\\', '/')
  return files.map((file) => file.path).filter((each) => each === inside || each.startsWith(`${inside}/`))
}

const readPart = async (root: string, path: string, read: ReadFile): Promise<PolicyFolder> => {
  const folder = await readFolder(root, read)
  const only = new Set(namesIn(folder.files, root, path))
  if (only.size > 0) return { ...folder, only }
  throw localProblem('no_files', `${path} holds no file of a set`, 'Files of a set are .json, .yaml or .yml.')
}

/** A folder that holds a set, or whose `policies/` does. */
const setFolder = (path: string): string | undefined =>
  [path, join(path, 'policies')].find((folder) => existsSync(join(folder, SET_FILE)))

/**
 * The JSON and YAML files of a set, in the order of their paths. A folder that holds `policies/authctl.json`
 * stands for that one; a file, or a folder inside of a set, for what it has of that set. Throws `Problem` for
 * what is neither, and for a file that is not UTF-8 unless `read` takes it.
 */
export const readPolicyFolder = async (path: string, read: ReadFile = strictly): Promise<PolicyFolder> => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isFile() === true) {
    const root = folderAround(path)
    if (root !== undefined) return await readPart(root, path, read)
    throw localProblem(
      'no_folder',
      `${path} is in no folder of policies: there is no ${SET_FILE} above it`,
      'What a file may name stands in its set: name the folder, or put the file into one.',
    )
  }
  if (stats?.isDirectory() !== true)
    throw localProblem(
      'no_folder',
      `${path} is not a folder, nor a file`,
      `Name the folder that holds ${SET_FILE}, or a file of it.`,
    )
  const whole = setFolder(path)
  const around = whole === undefined ? folderAround(path) : undefined
  return around === undefined ? await readFolder(whole ?? path, read) : await readPart(around, path, read)
}

/**
 * The folders of all sets that are a folder or lie below it, in order; dotted ones and links are left out.
 */
export const setFoldersIn = (folder: string): string[] => {
  if (existsSync(join(folder, SET_FILE))) return [folder]
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => setFoldersIn(join(folder, name)))
}
