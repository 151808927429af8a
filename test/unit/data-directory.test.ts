import { expect, test } from 'vitest'
import { markOfFsGroup } from '../../daemon/adapters/files/data-directory.ts'

const us = { uid: 10_001, groups: [0, 20_000] }

test.each([
  ['a volume of fsGroup', { mode: 0o42775, uid: 0, gid: 20_000 }, 'lent'],
  ['a closed volume of fsGroup', { mode: 0o42770, uid: 0, gid: 20_000 }, 'lent'],
  ['a directory of ours that was widened', { mode: 0o42770, uid: 10_001, gid: 20_000 }, 'widened'],
  ['a group that is not ours', { mode: 0o42770, uid: 0, gid: 30_000 }, undefined],
  ['a directory that everybody may write to', { mode: 0o42777, uid: 0, gid: 20_000 }, undefined],
  ['no set-group bit', { mode: 0o40770, uid: 0, gid: 20_000 }, undefined],
  ['one of ours that others may read', { mode: 0o42775, uid: 10_001, gid: 20_000 }, undefined],
] as const)('J4: %s', (_what, owned, expected) => {
  expect(markOfFsGroup(owned, us)).toBe(expected)
})
