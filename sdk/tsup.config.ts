import { defineConfig } from 'tsup'
import { inlineOperations } from '../scripts/inline-operations.ts'

export default defineConfig({
  entry: { index: 'index.ts', 'server/index': 'server/index.ts', 'express/index': 'express/index.ts' },
  format: ['esm', 'cjs'],
  platform: 'neutral',
  target: 'es2020',
  clean: true,
  esbuildPlugins: [inlineOperations(import.meta.dirname)],
})
