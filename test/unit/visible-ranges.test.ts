import { expect, test } from 'vitest'
import { placeOf } from '../../daemon/domain/local/changes.ts'
import { lineageIds, maySee, visibleRanges } from '../../daemon/domain/tree.ts'

const PATHS = [
  'sa_1',
  'sa_2',
  'adm_1',
  'adm_2',
  'adm_1/cli_1',
  'adm_1/cli_2',
  'adm_2/cli_3',
  'adm_1/cli_1/sub_1',
  'adm_1/cli_2/sub_2',
  'usr_1',
  'usr_2',
]

test('G1: the ranges of paths that an account sees hold those accounts and no others, in order', () => {
  const places = PATHS.flatMap((path) => placeOf(path) ?? [])
  expect(places.map(({ path }) => path)).toEqual(PATHS)
  for (const actor of places) {
    const ranges = visibleRanges(actor)
    const isIn = (path: string) => ranges.some(({ from, before }) => path >= from && path < before)
    for (const target of places)
      expect(isIn(target.path), `${actor.path} sees ${lineageIds(target.path).at(-1)}`).toBe(
        maySee(actor, target),
      )
    expect(ranges.map(({ from }) => from)).toEqual(ranges.map(({ from }) => from).toSorted())
  }
})
