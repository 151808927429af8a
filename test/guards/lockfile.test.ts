import { expect, test } from 'vitest'
import { readSource } from '../support/source-files.ts'

interface Entry {
  readonly resolved?: string
  readonly integrity?: string
  /** A workspace of this repository. */
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}
type Packages = Readonly<Record<string, Entry>>

const { packages } = JSON.parse(readSource('package-lock.json')) as { packages: Packages }
const REPAIR = 'delete these entries and run `npm install --package-lock-only`'

const missing = (entries: Packages): string[] => {
  const present = new Set(Object.keys(entries).map((path) => path.replace(/^.*node_modules\//, '')))
  return Object.values(entries)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !present.has(name))
}

/** The packages that npm would take without a check of what it was given. */
const unchecked = (entries: Packages): string[] =>
  Object.entries(entries)
    .filter(([path, { link, integrity = '' }]) => {
      const isPackage = path.includes('node_modules/') && link !== true
      return isPackage && !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity)
    })
    .map(([path]) => path)

test('the lockfile has every platform package, so that npm ci takes it on every machine', () => {
  expect(missing(packages), REPAIR).toEqual([])
  expect(missing({ 'node_modules/a': { optionalDependencies: { 'a-darwin-arm64': '1.0.0' } } })).toEqual([
    'a-darwin-arm64',
  ])
})

test('J8: every package of the lockfile has a hash, but for the workspaces', () => {
  expect(unchecked(packages), REPAIR).toEqual([])
  const integrity = `sha512-${'A'.repeat(86)}==`
  const entries = {
    '': {},
    sdk: {},
    'node_modules/@authctl/sdk': { link: true },
    'node_modules/a': { integrity },
    'node_modules/b': {},
    'node_modules/a/node_modules/c': { integrity: 'sha1-AAAA' },
  }
  expect(unchecked(entries)).toEqual(['node_modules/b', 'node_modules/a/node_modules/c'])
})

test('the lockfile names no registry host', () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([])
})

test('J8: every package with an install script is allowed or refused by name, and production runs one alone', () => {
  const { allowScripts } = JSON.parse(readSource('package.json')) as { allowScripts: Record<string, boolean> }
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true)
  const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ''))
  expect(names.sort()).toEqual(Object.keys(allowScripts).sort())
  const inProduction = scripted.filter(([, { dev }]) => dev !== true).map(([path]) => path)
  expect(inProduction).toEqual(['node_modules/argon2'])
})
