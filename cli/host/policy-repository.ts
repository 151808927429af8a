import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of a new folder; its name may have folders in front, with `/`. */
export interface NewFile {
  readonly name: string
  readonly mode: number
  readonly content: string
}

const namesIn = (folder: string, prefix = ''): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = `${prefix}${entry.name}`
    return entry.isDirectory() ? namesIn(join(folder, entry.name), `${name}/`) : [name]
  })

/**
 * The files of a repository of policies that works at once: the example that comes with the package, in whose
 * folder `root` it lies.
 */
export const policyRepository = (root: string): NewFile[] => {
  const folder = join(root, 'examples/policies')
  return namesIn(folder)
    .sort()
    .map((name) => ({ name, mode: 0o644, content: readFileSync(join(folder, name), 'utf8') }))
}
