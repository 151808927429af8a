import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { readSource, ROOT, sourceFiles } from '../support/source-files.ts'

const MARK = '// SPDX-License-Identifier: LGPL-3.0-or-later\n'

/** Every file that stands behind a door of the SDK, whether or not something of it is left in the bundle. */
const filesBehind = async (door: string): Promise<string[]> => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [door],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    treeShaking: false,
  })
  return Object.keys(metafile.inputs)
}

const isMarked = (file: string): boolean => readSource(file).startsWith(MARK)

test('what the SDK bundles from outside its folder is under its licence, and nothing else says so', async () => {
  const bundled = (await filesBehind('sdk/local/index.ts')).filter((file) => !file.startsWith('sdk/'))
  expect(bundled.length).toBeGreaterThan(20)
  expect(bundled.filter((file) => !file.startsWith('policies/'))).toEqual([])
  expect(bundled.sort()).toEqual(sourceFiles('cli', 'daemon', 'policies', 'scripts').filter(isMarked))
})

test('the licence lies beside the engine, and the documents name it', () => {
  expect(readSource('policies/engine/LICENSE')).toBe(readSource('sdk/LICENSE'))
  for (const document of ['README.md', 'policies/README.md'])
    expect(readSource(document)).toMatch(/engine[^]*LGPL|LGPL[^]*engine/)
})
