import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { ROOT } from './sources.ts'

/**
 * TypeScript declares ES modules only. CommonJS callers get the same declarations under `.d.cts`; in both,
 * relative imports name the extension that resolves for their kind.
 */
const writeCjsDeclarations = (folder: string): void => {
  for (const file of globSync('**/*.d.ts', { cwd: folder })) {
    const declaration = readFileSync(`${folder}/${file}`, 'utf8')
    const withExtension = (extension: string): string =>
      declaration
        .replace(/(from '|import\(')(\.{1,2}\/[^']+?)\.(?:ts|js)'/g, `$1$2.${extension}'`)
        .replace(/(from "|import\(")(\.{1,2}\/[^"]+?)\.(?:ts|js)"/g, `$1$2.${extension}"`)
    writeFileSync(`${folder}/${file}`, withExtension('js'))
    writeFileSync(`${folder}/${file.replace(/\.d\.ts$/, '.d.cts')}`, withExtension('cjs'))
  }
}

writeCjsDeclarations(`${ROOT}sdk/dist`)
