import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'authctl-launcher-')))
  mkdirSync(join(folder, 'a checkout/dist/cli'), { recursive: true })
  cpSync(join(ROOT, 'authctl'), join(folder, 'a checkout/authctl'))
  // What the launcher starts: it says by what it can be called again.
  const module = JSON.stringify(join(ROOT, 'cli/command-name.ts'))
  writeFileSync(
    join(folder, 'a checkout/dist/cli/bin.js'),
    `import(${module}).then(({ asTyped }) => console.log(asTyped('Sign in with: authctl login') + ' ' + process.argv.slice(2)))`,
  )
  mkdirSync(join(folder, 'bin'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const call = (command: string, cwd: string, path = ''): string =>
  execFileSync(command, ['a b', 'c'], {
    cwd,
    encoding: 'utf8',
    env: { PATH: `${path}:${process.env['PATH'] ?? ''}` },
  })

test('the launcher works from any folder, and hints name what was started', () => {
  const launcher = join(folder, 'a checkout/authctl')
  expect(call(launcher, folder)).toBe(`Sign in with: '${launcher}' login a b,c\n`)
  expect(call('./authctl', join(folder, 'a checkout'))).toBe('Sign in with: ./authctl login a b,c\n')
})

test('through a link on the PATH it is plain authctl', () => {
  const bin = join(folder, 'bin')
  symlinkSync('../a checkout/authctl', join(bin, 'authctl'))
  expect(call('authctl', folder, bin)).toBe('Sign in with: authctl login a b,c\n')
})

test('another authctl on the PATH is not named', () => {
  const other = join(folder, 'bin/authctl')
  writeFileSync(other, '#!/bin/sh\n')
  chmodSync(other, 0o755)
  expect(call(join(folder, 'a checkout/authctl'), folder, join(folder, 'bin'))).toContain(
    `checkout/authctl' login`,
  )
})

test('a checkout that is not built says how to build it', () => {
  rmSync(join(folder, 'a checkout/dist'), { recursive: true })
  expect(() => call(join(folder, 'a checkout/authctl'), folder)).toThrow(
    /npm ci && npm run build in .*a checkout/,
  )
})
