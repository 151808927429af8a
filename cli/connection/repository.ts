import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { cwd } from 'node:process'
import { usageProblem } from '../problem.ts'

/** What a repository says of the command line. */
const FILE = '.authctl.yaml'

/** The working folder and those above it, up to that of the repository; only the first, outside of one. */
const foldersOfRepository = (): string[] => {
  const folders: string[] = []
  for (let folder = cwd(); ; folder = dirname(folder)) {
    folders.push(folder)
    if (existsSync(join(folder, '.git'))) return folders
    if (dirname(folder) === folder) return folders.slice(0, 1)
  }
}

/**
 * The context that the repository names, and the file that does. It can only name one that was added on this
 * machine: a repository of somebody else sends nobody's credentials to a server of theirs.
 */
export const repositoryContext = async (): Promise<{ name: string; path: string } | undefined> => {
  const path = foldersOfRepository()
    .map((folder) => join(folder, FILE))
    .find((each) => existsSync(each))
  if (path === undefined) return undefined
  const { parse } = await import('yaml')
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw usageProblem(`${path} is not YAML: ${(error as Error).message.split(/:?\n/, 1)[0] ?? ''}`)
  }
  const { context: name, ...others } = (value ?? {}) as { context?: unknown }
  const [unknown] = typeof value === 'object' ? Object.keys(others) : ['']
  if (unknown !== undefined || (name !== undefined && typeof name !== 'string'))
    throw usageProblem(
      `${path} says more than the name of a context`,
      'It has one line, such as: context: staging',
    )
  return name === undefined ? undefined : { name, path }
}
