import { globSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { ConfigError, loadConfig } from '../../daemon/config/load.ts'
import { importPlaces } from '../../daemon/contract/routes/places.ts'
import { readPlaces } from '../../daemon/domain/geojson.ts'
import { lintSet, validateSet } from '../../policies/set/index.ts'
import { readSource, ROOT } from '../support/source-files.ts'

const SECRET = 'x'.repeat(48)

/** The settings that the image sets, with those of a compose file on top. */
const settingsOf = (dockerfile: string, compose: string): Record<string, string> => {
  const image = [...(/^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile)?.[1] ?? '').matchAll(/([A-Z_]+)=(\S+)/g)]
  const block = /\n {4}environment:\n((?: {6}.*\n)+)/.exec(compose)?.[1] ?? ''
  const service = [...block.matchAll(/^ {6}([A-Z0-9_]+): '?([^'\n]*)'?$/gm)]
  return Object.fromEntries([...image, ...service].map(([, name = '', value = '']) => [name, value]))
}

const load = (env: Record<string, string>) =>
  loadConfig({
    flags: {},
    env,
    cwd: '/app',
    readFile: (path) => (path.startsWith('/run/secrets/') ? SECRET : undefined),
  })

test('the sample places are what the import accepts', () => {
  const validate = new Ajv2020({ strict: false }).compile(importPlaces.body)
  const sample = JSON.parse(readSource('examples/places/bengaluru.geojson')) as { features: { id: string }[] }
  validate(sample)
  expect(validate.errors ?? []).toEqual([])
  expect(readPlaces(sample)).toMatchObject({ places: { length: 25 }, skipped: [] })
  expect(new Set(sample.features.map(({ id }) => id)).size).toBe(25)
})

test('the sample policies are valid, and lint has nothing to say', () => {
  const folder = 'examples/policies/'
  const files = globSync(`${folder}**/*.json`, { cwd: ROOT }).map((path) => ({
    path: path.replaceAll('\\', '/').slice(folder.length),
    text: readSource(path),
  }))
  const set = validateSet(files)
  expect(set.diagnostics).toEqual([])
  expect(set).toMatchObject({ name: 'namma-rides', documents: [{}, {}], tests: [{}, {}] })
  expect(lintSet(set, { now: Date.now() })).toEqual([])
})

test('the container of the compose example starts in production with its settings', () => {
  const settings = settingsOf(readSource('Dockerfile'), readSource('examples/compose/compose.yaml'))
  expect(settings).toMatchObject({
    NODE_ENV: 'production',
    AUTHCTL_DATA_DIR: '/data',
    PUBLIC_URL: 'https://auth.example.com',
  })
  expect(load(settings).settings.AUTHCTL_SECRET).toBe(SECRET)
  expect(() => load({ ...settings, AUTHCTL_SECRET_FILE: '' })).toThrow(ConfigError)
  expect(() => load({ ...settings, AUTHCTL_UNKNOWN: '1' })).toThrow('AUTHCTL_UNKNOWN')
})

test('OPS-D12: CI builds the image and runs it', () => {
  expect(readSource('.ci/run')).toContain('npm run --silent check:image')
})

interface Pod {
  readonly kind: string
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly { readonly env: readonly { name: string; value: string }[] }[]
      }
    }
  }
}

test('the manifests for Kubernetes are YAML, and the container starts in production with their settings', () => {
  const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(readSource('docs/kubernetes.md')) ?? []
  const documents = parseAllDocuments(text)
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  const set = documents.map((document) => document.toJS() as Pod).find(({ kind }) => kind === 'StatefulSet')
  const env = set?.spec.template.spec.containers[0]?.env ?? []
  const given = Object.fromEntries(env.map(({ name, value }) => [name, value]))
  const links = { AUTHCTL_SERVICE_HOST: '10.0.0.1', AUTHCTL_PORT: 'tcp://10.0.0.1:8000' }
  const { settings } = load({ ...settingsOf(readSource('Dockerfile'), ''), ...links, ...given })
  expect(settings).toMatchObject({
    NODE_ENV: 'production',
    AUTHCTL_DATA_DIR: '/data',
    AUTHCTL_SECRET: SECRET,
  })
})
