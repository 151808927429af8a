import type { AccessCount, AccessDiff, ObjectChange, Plan, Witness } from '../../../policies/plan/index.ts'
import { cell } from '../../output/table.ts'

/** `1 account`, `2 accounts`. */
export const count = (n: number, noun: string, plural = `${noun}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? noun : plural}`

const countOf = (sign: string, { rights, accounts }: AccessCount): string =>
  `${sign}${count(rights, 'right')} for ${count(accounts, 'account')}`

/** Who gains and loses, in one line: `+3 rights for 12 accounts, -1 right for 2 accounts`. */
export const accessWords = ({ gained, lost, shut, examined }: AccessDiff): string => {
  const parts = [
    ...(gained.rights > 0 ? [countOf('+', gained)] : []),
    ...(lost.rights > 0 ? [countOf('-', lost)] : []),
    ...(shut.accounts > 0 ? [`${count(shut.accounts, 'account')} can do nothing any more`] : []),
  ]
  if (parts.length > 0) return parts.join(', ')
  return examined === 0
    ? 'no account is touched'
    : `nobody gains or loses a right (${count(examined, 'account')} asked)`
}

/** How many objects come, change and go. */
export const tallyOf = (
  changes: readonly Pick<ObjectChange, 'verb'>[],
): Record<ObjectChange['verb'], number> => ({
  create: changes.filter(({ verb }) => verb === 'create').length,
  update: changes.filter(({ verb }) => verb === 'update').length,
  delete: changes.filter(({ verb }) => verb === 'delete').length,
})

/** The same in words: `1 to create, 2 to change`. */
export const changesWords = (changes: readonly Pick<ObjectChange, 'verb'>[]): string => {
  const tally = tallyOf(changes)
  const words = [
    ...(tally.create > 0 ? [`${tally.create} to create`] : []),
    ...(tally.update > 0 ? [`${tally.update} to change`] : []),
    ...(tally.delete > 0 ? [`${tally.delete} to delete`] : []),
  ]
  return words.length === 0 ? 'no changes' : words.join(', ')
}

/** A context as it is typed: `orders.total=600`. */
export const contextWords = (context: Witness['context']): string =>
  Object.entries(context)
    .map(([key, value]) => `${key}=${cell(value)}`)
    .join(' ')

/** Where the files come from: `commit 4f1d2c9a7be0, with changes that no commit has`. */
export const commitWords = ({ commit, dirty }: Pick<Plan['order'], 'commit' | 'dirty'>): string => {
  if (commit === null) return 'files of no git repository'
  return `commit ${commit.slice(0, 12)}${dirty ? ' with uncommitted changes' : ''}`
}

/** What a plan is about: `set acme in root, revision 12`. */
export const subjectOf = ({ order, base }: Pick<Plan, 'order' | 'base'>): string => {
  const revision = base.revision === null ? 'before its first change' : `now at revision ${base.number}`
  const what =
    order.set === null ? `Back to revision ${order.rollback_to?.slice(0, 12) ?? ''}` : `Set ${order.set}`
  return `${what} in ${order.namespace}, ${revision}`
}

/** Whether applying the plan changes anything. */
export const hasChanges = ({ changes }: Pick<Plan, 'changes'>): boolean => changes.length > 0
