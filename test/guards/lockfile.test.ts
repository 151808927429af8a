import { expect, test } from 'vitest'
import { readSource } from '../support/source-files.ts'

type Packages = Readonly<
  Record<string, { resolved?: string; optionalDependencies?: Readonly<Record<string, string>> }>
>

const { packages } = JSON.parse(readSource('package-lock.json')) as { packages: Packages }

const missing = (entries: Packages): string[] => {
  const present = new Set(Object.keys(entries).map((path) => path.replace(/^.*node_modules\//, '')))
  return Object.values(entries)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !present.has(name))
}

test('the lockfile has every platform package, so that npm ci takes it on every machine', () => {
  expect(missing(packages), 'run `node scripts/complete-lockfile.ts`').toEqual([])
  expect(missing({ 'node_modules/a': { optionalDependencies: { 'a-darwin-arm64': '1.0.0' } } })).toEqual([
    'a-darwin-arm64',
  ])
})

test('the lockfile names no registry host', () => {
  expect(Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual([])
})
