import { ROLES, type Account } from '../../domain/account.ts'
import { ROOT } from '../../domain/policy-snapshot.ts'
import { selectedFor } from '../../domain/selection.ts'
import type { AccountPosition } from '../../ports/stores/index.ts'
import type { CoreDeps } from '../deps.ts'
import { retryStale } from '../store-failures.ts'
import { readNamespace } from './namespaces.ts'
import { createRevisions } from './revisions.ts'

type RecoverDeps = Pick<CoreDeps, 'store' | 'vault' | 'clock' | 'audit'>

/** What was taken from super-admins, and what they have again. */
export interface Recovery {
  /** How many attachments of the root were replaced. */
  readonly attachments: number
  /** The super-admins from whom policies or a boundary were taken. */
  readonly freed: readonly string[]
}

const MAX_ATTEMPTS = 20
const PAGE = 200

const superAdminsOf = async ({ accounts }: RecoverDeps['store']): Promise<Account[]> => {
  const all: Account[] = []
  for (let after: AccountPosition | undefined; ;) {
    const page = await accounts.list({
      below: null,
      includeUsers: false,
      role: 'super-admin',
      limit: PAGE,
      ...(after && { after }),
    })
    all.push(...page)
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return all
    after = { createdAt: last.createdAt, id: last.id }
  }
}

/** Makes every super-admin have its managed policy, and nothing else, by the attachments of the root. */
const recoverAttachments = async (
  { store, vault, clock }: RecoverDeps,
  superAdmins: readonly Account[],
): Promise<number> => {
  const head = (await store.policies.heads()).find(({ namespace }) => namespace === ROOT)
  if (head === undefined) return 0
  const base = await readNamespace(store.policies, head)
  const { attachments: present, above } = base.revision
  const theirs = new Set(superAdmins.flatMap((account) => selectedFor(account, base.selection)))
  const kept = present.filter((each) => !theirs.has(each))
  const managed = { to: { role: 'super-admin' }, policies: [ROLES['super-admin'].managedPolicy] }
  const { draft, write } = createRevisions({ store: store.policies, vault, clock })
  const next = await draft(
    base,
    { attachments: [managed, ...kept] },
    { place: { name: ROOT, above }, actorId: null },
  )
  if (next === undefined) return 0
  await write(base, next)
  return present.length - kept.length
}

/** Takes attached policies and the boundary from one super-admin; whether it had any. */
const free = ({ store, clock }: RecoverDeps, account: Account): Promise<boolean> =>
  retryStale(
    async (n) => {
      const present = n === 0 ? account : await store.accounts.get(account.id)
      if (present === undefined) return false
      if (present.policies.length === 0 && present.boundary === null) return n > 0
      const { id, version } = present
      await store.accounts.update({ id, version, fields: { policies: [], boundary: null }, now: clock.now() })
      return true
    },
    { times: MAX_ATTEMPTS, what: `the account ${account.id}` },
  )

/**
 * Gives every super-admin its full rights back, on the host: for an installation in which nobody is left who
 * may change the policies of the root. What concerns other roles stays as it is.
 */
export const recoverRoot = async (deps: RecoverDeps): Promise<Recovery> => {
  const superAdmins = await superAdminsOf(deps.store)
  const attachments = await retryStale(() => recoverAttachments(deps, superAdmins), {
    times: MAX_ATTEMPTS,
    what: 'the policies of the root',
  })
  const freed: string[] = []
  for (const account of superAdmins) if (await free(deps, account)) freed.push(account.id)
  deps.audit.record({
    event: 'root-recover',
    outcome: 'success',
    reason: `${attachments} attachments, ${freed.length} accounts`,
  })
  return { attachments, freed }
}
