import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'
import { inlineOperations } from '../scripts/inline-operations.ts'

const { exports } = JSON.parse(readFileSync(`${import.meta.dirname}/package.json`, 'utf8')) as {
  exports: Readonly<Record<string, unknown>>
}

/** Every door of the package: `./server` is `server/index.ts`. */
const doors = Object.keys(exports)
  .filter((door) => !door.endsWith('.json'))
  .map((door) => (door === '.' ? 'index' : `${door.slice(2)}/index`))

export default defineConfig({
  entry: Object.fromEntries(doors.map((door) => [door, `${door}.ts`])),
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2020',
  clean: true,
  // What takes the place of private fields is slow, and large; the client has none.
  esbuildOptions: (options) => {
    options.supported = { 'class-field': true, 'class-private-field': true, 'class-private-method': true }
  },
  esbuildPlugins: [inlineOperations(import.meta.dirname)],
})
