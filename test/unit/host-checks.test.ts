import { expect, test } from 'vitest'
import { checkMongo } from '../../daemon/host/checks.ts'
import type { StorePlatform } from '../../daemon/ports/stores/index.ts'

const good = 'mongodb://authctl:secret@a,b,c/authctl?replicaSet=rs&tls=true'
const platform: StorePlatform = { engine: 'MongoDB', version: '8.0.17', topology: 'replica-set' }
const found = (uri: string, fields: Partial<StorePlatform> = {}, isProduction = true): string[] =>
  checkMongo(uri, { ...platform, ...fields }, isProduction).map(({ name, status }) => `${name} ${status}`)

test('J9: a replica set of a safe release with TLS and a user has nothing to warn about', () => {
  expect(found(good)).toEqual([])
  expect(found('mongodb+srv://authctl:secret@cluster.example.com/')).toEqual([])
  expect(found(`${good}&w=majority`)).toEqual([])
})

test.each([
  ['a standalone server', good, { topology: 'standalone' }, ['mongodb fail']],
  ['no TLS', good.replace('&tls=true', ''), {}, ['mongodb-tls fail']],
  ['TLS turned off', 'mongodb+srv://u:p@c/?tls=false', {}, ['mongodb-tls fail']],
  ['no user', good.replace('authctl:secret@', ''), {}, ['mongodb-auth fail']],
  ['a weak write concern', `${good}&w=1`, {}, ['mongodb-write-concern warn']],
  ['an old 7', good, { version: '7.0.27' }, ['mongodb-version warn']],
  ['an old 8', good, { version: '8.0.16' }, ['mongodb-version warn']],
  ['a 6', good, { version: '6.0.5' }, ['mongodb-version warn']],
] as const)('J9: %s is told', (_name, uri, fields, expected) => {
  expect(found(uri, fields)).toEqual(expected)
})

test('newer lines are taken to be safe, and development only warns', () => {
  expect(found(good, { version: '8.2.6' })).toEqual([])
  expect(found('mongodb://localhost/', { topology: 'standalone' }, false)).toEqual([
    'mongodb warn',
    'mongodb-tls warn',
    'mongodb-auth warn',
  ])
})
