import { ROLES, type Account } from '../../domain/account.ts'
import { ROOT, type Revision } from '../../domain/policy-snapshot.ts'
import { selectedFor, selectionOf } from '../../domain/selection.ts'
import { StoreFailure, type AccountPosition } from '../../ports/stores/index.ts'
import type { CoreDeps } from '../deps.ts'

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
): Promise<number | undefined> => {
  const head = (await store.policies.heads()).find(({ namespace }) => namespace === ROOT)
  if (head === undefined) return 0
  const [stored] = await store.policies.read([head.revision])
  if (stored === undefined) throw new Error(`the revision ${head.revision} of the root is missing`)
  const base = JSON.parse(stored.content) as Revision
  const selection = selectionOf(base.attachments)
  const theirs = new Set(superAdmins.flatMap((account) => selectedFor(account, selection)))
  const kept = base.attachments.filter((each) => !theirs.has(each))
  const managed = { to: { role: 'super-admin' }, policies: [ROLES['super-admin'].managedPolicy] }
  const attachments = [managed, ...kept]
  if (JSON.stringify(attachments) === JSON.stringify(base.attachments)) return 0
  const number = base.number + 1
  const content = JSON.stringify({
    ...base,
    number,
    parent: head.revision,
    createdAt: clock.now(),
    actorId: null,
    attachments,
  } satisfies Revision)
  const revision = vault.digest(content)
  const isMoved = await store.policies.moveHead({
    head: { namespace: ROOT, revision, number },
    from: head.revision,
    texts: [{ hash: revision, content }],
    owner: null,
  })
  return isMoved ? base.attachments.length - kept.length : undefined
}

/** Takes attached policies and the boundary from one super-admin; whether it had any. */
const free = async ({ store, clock }: RecoverDeps, account: Account): Promise<boolean> => {
  let present: Account | undefined = account
  for (let n = 0; n < MAX_ATTEMPTS && present !== undefined; n++) {
    if (present.policies.length === 0 && present.boundary === null) return n > 0
    const { id, version } = present
    try {
      await store.accounts.update({ id, version, fields: { policies: [], boundary: null }, now: clock.now() })
      return true
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.kind !== 'stale') throw error
      present = await store.accounts.get(id)
    }
  }
  return false
}

/**
 * Gives every super-admin its full rights back, for whoever has the host: for an installation in which nobody is left who may change the policies
 * of the root. What concerns other roles stays as it is.
 */
export const recoverRoot = async (deps: RecoverDeps): Promise<Recovery> => {
  const superAdmins = await superAdminsOf(deps.store)
  let attachments: number | undefined
  for (let n = 0; attachments === undefined; n++) {
    if (n === MAX_ATTEMPTS) throw new StoreFailure('unavailable', 'too many writers at the root')
    attachments = await recoverAttachments(deps, superAdmins)
  }
  const freed: string[] = []
  for (const account of superAdmins) if (await free(deps, account)) freed.push(account.id)
  deps.audit.record({
    event: 'root-recover',
    outcome: 'success',
    reason: `${attachments} attachments, ${freed.length} accounts`,
  })
  return { attachments, freed }
}
