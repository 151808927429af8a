import { describe, expect, test } from 'vitest'
import { type Edge, importsOf, readSource, sourceFiles } from '../support/source-files.ts'

/** What the files of one layer may import: paths of ours by their beginning, and packages. */
interface Layer {
  /** The longest path that a file starts with decides its layer. */
  readonly path: string
  readonly may: readonly string[]
  /** `all`: any package. Builtins count as packages. */
  readonly packages: 'all' | readonly string[]
}

/** What every folder of the policy language may name. */
const POLICY_WORDS = [
  'policies/language.ts',
  'policies/names.ts',
  'policies/catalogue.ts',
  'policies/managed.ts',
]

/** The dependency direction of the code: a table, so that a change of the architecture is a change here. */
const LAYERS: readonly Layer[] = [
  {
    path: 'policies/engine/',
    may: ['policies/engine/', 'policies/catalogue.ts', 'policies/language.ts', 'policies/names.ts'],
    packages: [],
  },
  { path: 'policies/text/', may: ['policies/text/', 'policies/language.ts'], packages: [] },
  {
    path: 'policies/ceiling/',
    may: [
      'policies/ceiling/',
      'policies/engine/',
      'policies/catalogue.ts',
      'policies/language.ts',
      'policies/steps.ts',
    ],
    packages: [],
  },
  {
    path: 'policies/validate/',
    may: ['policies/validate/', 'policies/text/', 'policies/engine/', 'policies/schema.ts', ...POLICY_WORDS],
    packages: [],
  },
  {
    path: 'policies/lint/',
    may: ['policies/lint/', 'policies/validate/', 'policies/text/', 'policies/engine/', ...POLICY_WORDS],
    packages: [],
  },
  {
    path: 'policies/set/',
    may: [
      'policies/set/',
      'policies/lint/',
      'policies/validate/',
      'policies/text/',
      'policies/engine/',
      'policies/steps.ts',
      ...POLICY_WORDS,
    ],
    packages: [],
  },
  {
    path: 'policies/plan/',
    may: [
      'policies/plan/',
      'policies/steps.ts',
      'policies/ceiling/',
      'policies/validate/',
      'policies/text/',
      'policies/engine/',
      ...POLICY_WORDS,
    ],
    packages: [],
  },
  {
    path: 'policies/yaml/',
    may: ['policies/yaml/', 'policies/text/', 'policies/language.ts'],
    packages: ['yaml'],
  },
  {
    path: 'policies/testing/',
    may: [
      'policies/testing/',
      'policies/invariants/',
      'policies/set/',
      'policies/text/',
      'policies/engine/',
      ...POLICY_WORDS,
    ],
    packages: [],
  },
  {
    path: 'policies/invariants/',
    may: [
      'policies/invariants/',
      'policies/plan/',
      'policies/ceiling/',
      'policies/engine/',
      'policies/steps.ts',
      ...POLICY_WORDS,
    ],
    packages: [],
  },
  { path: 'policies/language.ts', may: [], packages: [] },
  { path: 'policies/names.ts', may: [], packages: [] },
  { path: 'policies/steps.ts', may: [], packages: [] },
  {
    path: 'policies/catalogue.ts',
    may: ['policies/engine/match.ts', 'policies/language.ts', 'policies/names.ts'],
    packages: [],
  },
  { path: 'policies/managed.ts', may: ['policies/managed/', 'policies/language.ts'], packages: [] },
  {
    path: 'policies/schema',
    may: ['policies/schema', 'policies/language.ts', 'policies/names.ts', 'policies/managed.ts'],
    packages: [],
  },
  {
    path: 'policies/index.ts',
    may: ['policies/engine/', 'policies/ceiling/', ...POLICY_WORDS],
    packages: [],
  },
  { path: 'daemon/version.ts', may: ['package.json'], packages: [] },
  { path: 'daemon/contract/', may: ['daemon/contract/'], packages: ['typebox'] },
  {
    path: 'daemon/domain/',
    may: ['policies/', 'daemon/contract/', 'daemon/domain/'],
    packages: ['libphonenumber-js/max', 'libphonenumber-js/max/metadata'],
  },
  { path: 'daemon/ports/', may: ['policies/', 'daemon/domain/', 'daemon/ports/'], packages: [] },
  {
    path: 'daemon/config/',
    may: ['policies/validate/index.ts', 'policies/text/nearest.ts', 'daemon/domain/', 'daemon/config/'],
    packages: ['node:path', 'node-cron'],
  },
  {
    path: 'daemon/usecases/',
    may: ['policies/', 'daemon/contract/', 'daemon/domain/', 'daemon/ports/', 'daemon/usecases/'],
    packages: ['node:crypto'],
  },
  { path: 'daemon/adapters/', may: ['daemon/domain/', 'daemon/ports/', 'daemon/adapters/'], packages: 'all' },
  {
    path: 'daemon/http/',
    may: [
      'policies/',
      'daemon/contract/',
      'daemon/domain/',
      'daemon/ports/',
      'daemon/usecases/',
      'daemon/http/',
      'daemon/version.ts',
    ],
    packages: 'all',
  },
  { path: 'daemon/', may: ['policies/', 'daemon/'], packages: 'all' },
  { path: 'cli/', may: ['cli/', 'policies/', '@authctl/sdk'], packages: 'all' },
  { path: 'cli/host/daemon.ts', may: ['cli/', 'dynamic:daemon/'], packages: 'all' },
  { path: 'sdk/', may: ['sdk/'], packages: [] },
  // Types only: `test/sdk/packaging.test.ts` looks at what is built.
  { path: 'sdk/fastify/', may: ['sdk/'], packages: ['fastify'] },
  { path: 'sdk/hono/', may: ['sdk/'], packages: ['hono'] },
  // The one exception: decisions in an application are made by the engine of the daemon, not by a second one,
  // and digests over the text that it makes. The build bundles both in, and what the package declares names
  // nothing of them.
  { path: 'sdk/local/engine.ts', may: ['policies/engine/index.ts'], packages: [] },
  { path: 'sdk/server/canonical-json.ts', may: ['policies/engine/canonical-json.ts'], packages: [] },
]

const FOLDERS = ['policies', 'daemon', 'cli', 'sdk']
const ADAPTERS = 'daemon/adapters/'
/** The composition: the only files above the ports that know which adapters there are. */
const COMPOSITION = ['daemon/serve.ts', 'daemon/core.ts', 'daemon/host/storage.ts']

const layerOf = (file: string): Layer | undefined =>
  LAYERS.filter(({ path }) => file.startsWith(path)).sort((a, b) => b.path.length - a.path.length)[0]

const isOurs = (to: string): boolean =>
  to === '@authctl/sdk' || to === 'package.json' || FOLDERS.some((f) => to.startsWith(`${f}/`))

const mayImport = (layer: Layer, { to, dynamic }: Edge): boolean => {
  if (to.startsWith('computed: ')) return false
  if (!isOurs(to)) return layer.packages === 'all' || layer.packages.includes(to)
  return layer.may.some((allowed) =>
    allowed.startsWith('dynamic:')
      ? dynamic && to.startsWith(allowed.slice('dynamic:'.length))
      : to.startsWith(allowed),
  )
}

/** The edges that the table does not allow, each as one line. */
const violations = (edges: readonly Edge[]): string[] =>
  edges
    .filter((edge) => {
      const layer = layerOf(edge.from)
      if (layer === undefined || !mayImport(layer, edge)) return true
      // Adapters are chosen in one place: nothing above the port may know which there are.
      return edge.to.startsWith(ADAPTERS) && layer.path !== ADAPTERS && !COMPOSITION.includes(edge.from)
    })
    .map(({ from, to, dynamic }) => `${from} must not ${dynamic ? 'dynamically ' : ''}import ${to}`)

const check = (file: string, text: string): string[] => violations(importsOf(file, text))

describe('layers', () => {
  test('every import goes in the direction of the architecture', () => {
    const files = sourceFiles(...FOLDERS).filter((file) => !file.endsWith('.config.ts'))
    expect(files.length).toBeGreaterThan(20)
    expect(files.flatMap((file) => check(file, readSource(file)))).toEqual([])
  })

  test('imports are found in every form', () => {
    const text = `
      import a, { type B } from './a.ts'
      import type {
        C,
      } from "../domain/c.ts"
      import './effect.ts'
      export * from 'pkg'
      export { d } from './d.ts'
      // import x from './comment.ts'
      /* import y from './comment.ts' */
      const lazy = await import('./lazy.ts')
      const computed = await import(name)
      const reply = await api.places.import({ type: 'FeatureCollection' })
    `
    expect(importsOf('daemon/http/x.ts', text).map(({ to }) => to)).toEqual([
      'daemon/http/a.ts',
      'daemon/domain/c.ts',
      'daemon/http/effect.ts',
      'pkg',
      'daemon/http/d.ts',
      'daemon/http/lazy.ts',
      'computed: name',
    ])
  })

  test.each([
    ['policies/engine/decide.ts', `import { readFileSync } from 'node:fs'`],
    ['policies/engine/decide.ts', `import { validateDocument } from '../validate/document.ts'`],
    ['policies/text/read.ts', `import { validateDocument } from '../validate/document.ts'`],
    ['policies/validate/service.ts', `import { lintDocument } from '../lint/lint.ts'`],
    ['policies/lint/lint.ts', `import { validateSet } from '../set/read.ts'`],
    ['policies/set/read.ts', `import { findLackingRight } from '../ceiling/ceiling.ts'`],
    ['policies/set/read.ts', `import { decide } from '../index.ts'`],
    ['policies/x.ts', `import { decide } from './engine/decide.ts'`],
    ['daemon/contract/x.ts', `import type { Account } from '../domain/account.ts'`],
    ['daemon/domain/x.ts', `import type { Stores } from '../ports/stores/index.ts'`],
    ['daemon/ports/x.ts', `import { DatabaseSync } from 'node:sqlite'`],
    ['daemon/usecases/x.ts', `import { app } from '../http/app.ts'`],
    ['daemon/usecases/x.ts', `import express from 'express'`],
    ['daemon/http/x.ts', `import { openStore } from '../adapters/sqlite/store.ts'`],
    ['daemon/main.ts', `import { openStore } from './adapters/sqlite/store.ts'`],
    ['daemon/config/x.ts', `import { sign } from '../adapters/crypto/signer.ts'`],
    ['daemon/adapters/x.ts', `import { app } from '../http/app.ts'`],
    ['cli/commands/start.ts', `const { run } = await import('../../daemon/main.ts')`],
    ['cli/host/daemon.ts', `import { run } from '../../daemon/main.ts'`],
    ['cli/x.ts', `import { createClient } from '../sdk/index.ts'`],
    ['sdk/client.ts', `import type { Routes } from '../daemon/contract/routes.ts'`],
    ['sdk/client.ts', `import { createHash } from 'node:crypto'`],
    ['sdk/local/state.ts', `import { decide } from '../../policies/engine/index.ts'`],
    ['sdk/local/engine.ts', `import { decide } from '../../policies/index.ts'`],
    ['daemon/http/x.ts', `const module = await import(path)`],
  ])('a planted violation in %s is found: %s', (file, text) => {
    expect(check(file, text)).toHaveLength(1)
  })

  test.each([
    ['daemon/serve.ts', `import { openStore } from './adapters/sqlite/store.ts'`],
    ['cli/host/daemon.ts', `const { run } = await import('../../daemon/main.ts')`],
    ['cli/commands/login.ts', `import { createClient } from '@authctl/sdk'`],
  ])('what %s is there for is allowed: %s', (file, text) => {
    expect(check(file, text)).toEqual([])
  })
})
