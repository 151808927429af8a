import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { fileURLToPath } from 'node:url'

/** The root of the checkout, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Every TypeScript file below the given folders, relative to the root. */
export const sourceFiles = (...folders: string[]): string[] =>
  globSync(
    folders.map((folder) => `${folder}/**/*.ts`),
    { cwd: ROOT, exclude: ['**/node_modules/**', '**/dist/**'] },
  ).sort()

/** The text of a file, by its path relative to the root. */
export const readSource = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8')

/** One import of one file: what it names, and whether it is an `import()`. */
export interface Edge {
  readonly from: string
  /** A path relative to the root, or the specifier of a package or builtin. */
  readonly to: string
  readonly dynamic: boolean
}

const STATIC = /^\s*(?:import|export)\b(?:[^'"`;()]*?\bfrom)?\s*(['"])([^'"]+)\1/gm
const DYNAMIC = /(?<![.\w$])import\s*\(\s*([^)]*)\)/g
const LITERAL = /^(['"`])([^'"`$]+)\1\s*,?/

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{(,])\/\/.*$/gm, '$1')

const resolveFrom = (file: string, specifier: string): string =>
  specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier

/**
 * The imports of one file, static (also of types) and dynamic. A computed `import()` is an edge to its own
 * text.
 */
export const importsOf = (file: string, text: string): Edge[] => {
  const code = withoutComments(text)
  const edges: Edge[] = []
  for (const match of code.matchAll(STATIC))
    edges.push({ from: file, to: resolveFrom(file, match[2] ?? ''), dynamic: false })
  for (const match of code.matchAll(DYNAMIC)) {
    const literal = LITERAL.exec(match[1] ?? '')
    edges.push({
      from: file,
      to: literal ? resolveFrom(file, literal[2] ?? '') : `computed: ${match[1]}`,
      dynamic: true,
    })
  }
  return edges
}
