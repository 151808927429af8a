import { readFileSync } from 'node:fs'

/** `export const systemInfo: Operation = ['GET', '/', 'none']`, a row of the generated table. */
const ROW = /^export const (\w+): Operation = (\[.*\])$/gm

interface Loading {
  onLoad: (
    options: { filter: RegExp },
    load: (file: { path: string }) => { contents: string; loader: 'ts' },
  ) => void
}

/**
 * A step of the build that writes each operation where it is used, in place of its name: every one is used
 * once, and a table beside the methods costs the bundles of applications 250 bytes.
 */
export const inlineOperations = (folder: string) => ({
  name: 'inline-operations',
  setup: (build: Loading): void => {
    const table = readFileSync(`${folder}/operations.gen.ts`, 'utf8')
    const rows = new Map([...table.matchAll(ROW)].map(([, name = '', value = '']) => [name, value]))
    build.onLoad({ filter: /[\\/]sdk[\\/]resources[\\/]\w[\w-]*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /\boperations\.(\w+)/g,
        (written, name: string) => rows.get(name) ?? written,
      ),
      loader: 'ts',
    }))
  },
})
