import { build, type Plugin } from 'esbuild'
import { checkedSchemas, SCHEMA_KINDS } from '../daemon/contract/checked-schemas.ts'
import type { Route } from '../daemon/contract/route.ts'
import { routes } from '../daemon/contract/routes.ts'
import { ROOT } from './sources.ts'
import { moduleOf } from './validators.ts'

/*
 * The validators of every route, so that the daemon neither loads a compiler of schemas nor waits for one:
 * a module for each route, and shared ones for what several routes are checked by.
 */

const TABLE: readonly Route[] = Object.values(routes)
const schemas = checkedSchemas(TABLE)

/** Modules by the name that they are imported by. */
const modules = new Map<string, string>()
for (const kind of SCHEMA_KINDS)
  for (const [index, schema] of schemas[kind].entries())
    modules.set(`${kind}${index}`, moduleOf(kind, schema))

for (const route of TABLE) {
  const own = checkedSchemas([route])
  const lists = SCHEMA_KINDS.map((kind) => ({
    kind,
    names: own[kind].map((schema) => `${kind}${schemas[kind].indexOf(schema)}`),
  }))
  const imports = lists.flatMap(({ names }) => names.map((name) => `import ${name} from '${name}'`))
  const members = lists.map(({ kind, names }) => `${kind}: [${names.join(', ')}]`)
  modules.set(`${route.operationId}.js`, `${imports.join('\n')}\nexport default { ${members.join(', ')} }`)
}

const loaders = TABLE.map(({ operationId: id }) => `'${id}': () => import('${id}.js')`)
modules.set('index', `export default { ${loaders.join(', ')} }`)

const generated: Plugin = {
  name: 'generated',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /./ }, ({ path }) =>
      modules.has(path) ? { path, namespace: 'generated' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'generated' }, ({ path }) => ({
      contents: modules.get(path) ?? '',
      resolveDir: ROOT,
    }))
  },
}

await build({
  entryPoints: ['index'],
  outdir: `${ROOT}dist/validators`,
  plugins: [generated],
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  logLevel: 'warning',
})
