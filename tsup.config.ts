import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['cli/bin.ts', 'cli/commands/**/*.ts', 'daemon/main.ts'],
  outDir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node22',
  splitting: true,
  treeshake: false,
  clean: true,
  // The SDK is bundled from source (tsconfig paths) so that the tarball stands alone; typebox because its own entry point
  // loads far more than the schema builder and costs the daemon resident memory.
  noExternal: ['@authctl/sdk', /^typebox/],
})
