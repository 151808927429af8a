import { defineConfig } from 'tsup'

export default defineConfig({
  // The suites run command lines through `main` in their own process.
  entry: ['cli/bin.ts', 'cli/main.ts', 'cli/commands/**/*.ts', 'daemon/main.ts'],
  outDir: 'dist',
  format: 'esm',
  platform: 'node',
  target: 'node22',
  splitting: true,
  // `node:sqlite` exists only with the prefix.
  removeNodeProtocol: false,
  clean: true,
  // tsup leaves out `dependencies` by itself, but not the optional ones. Validators are made by a step of
  // their own.
  external: ['@node-rs/argon2', '#validators'],
  // The SDK is bundled from source (tsconfig paths) so that the tarball stands alone; typebox because its own
  // entry point
  // loads far more than the schema builder and costs the daemon resident memory.
  noExternal: ['@authctl/sdk', /^typebox/],
})
