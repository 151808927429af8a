import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { ROOT } from './sources.ts'

const SDK = `${ROOT}sdk/`
/** Where the compiler has put the declarations, by their paths in the repository. */
const EMITTED = `${SDK}dist/.types/`

const RELATIVE = /(from |import\()(['"])(\.{1,2}\/[^'"]+?)\.(?:ts|js)\2/g

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly types: string } }>>
}

/** The declarations of what the package exports, relative to its `dist`. */
const doors = (): string[] =>
  Object.values((JSON.parse(readFileSync(`${SDK}package.json`, 'utf8')) as Manifest).exports).flatMap(
    (door) => (typeof door === 'string' ? [] : [door.import.types.replace('./dist/', '')]),
  )

const withExtension = (declaration: string, extension: string): string =>
  declaration.replace(RELATIVE, `$1$2$3.${extension}$2`)

/**
 * TypeScript declares ES modules only. CommonJS callers get the same declarations under `.d.cts`; in both,
 * relative imports name the extension that resolves for their kind. What no door leads to is left out: above
 * all the engine, which the build bundles in. Throws if a door leads out of the package.
 */
const writeDeclarations = (): void => {
  const files = new Set(doors())
  for (const file of files) {
    const declaration = readFileSync(`${EMITTED}sdk/${file}`, 'utf8')
    for (const [, , , to = ''] of declaration.matchAll(RELATIVE)) {
      const next = normalize(join(dirname(file), `${to}.d.ts`))
      if (next.startsWith('..')) throw new Error(`sdk/${file} names ${next}, which the package does not have`)
      files.add(next)
    }
    mkdirSync(dirname(`${SDK}dist/${file}`), { recursive: true })
    writeFileSync(`${SDK}dist/${file}`, withExtension(declaration, 'js'))
    writeFileSync(`${SDK}dist/${file.replace(/\.d\.ts$/, '.d.cts')}`, withExtension(declaration, 'cjs'))
  }
  rmSync(EMITTED, { recursive: true })
}

writeDeclarations()
