import type { ExaminedAccount } from '../../../policies/plan/index.ts'
import type { Account, AccountId } from '../../domain/account.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import { isSameText, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { lineageIds } from '../../domain/tree.ts'
import { createBreather } from '../breather.ts'
import type { Deps } from '../deps.ts'
import type { PendingChange } from './guards.ts'
import { accountsUnder } from './touched.ts'

/** The full names of the policies of the namespace that are not the same before and after. */
const changedPolicies = ({ home, before, after }: PendingChange): ReadonlySet<string> => {
  const [present, next] = [before, after].map(({ namespaces }) => namespaces.get(home.name)?.policies)
  const names = new Set([...(present?.keys() ?? []), ...(next?.keys() ?? [])])
  return new Set(
    [...names].flatMap((name) => {
      const wanted = next?.get(name)
      return wanted !== undefined && isSameText(present?.get(name), wanted) ? [] : [`${home.name}/${name}`]
    }),
  )
}

const areServicesChanged = ({ home, before, after }: PendingChange): boolean => {
  const [present, next] = [before, after].map(({ namespaces }) =>
    [...(namespaces.get(home.name)?.services ?? [])].map(([name, { hash }]) => `${name} ${hash}`).sort(),
  )
  return String(present) !== String(next)
}

const namesOf = (snapshot: PolicySnapshot, account: Account): string[] => {
  const { policies, boundaries } = snapshot.effective(account)
  return [...policies.toSorted(), '', ...boundaries.toSorted()]
}

/**
 * Goes through the accounts below a namespace and gives those whose decisions a change of it can touch: their
 * own policies, those of an account above them, or what they can be asked about. Others are served meanwhile.
 */
export const createExamineAccounts =
  ({ store }: Pick<Deps, 'store'>) =>
  async (pending: PendingChange, examine: (account: ExaminedAccount) => Promise<void>): Promise<void> => {
    const { before, after, ip, now } = pending
    const changed = changedPolicies(pending)
    const areAllTouched = areServicesChanged(pending)
    /** Those that others stand below; whether the change touches them themselves. */
    const above = new Map<string, { account: Account; isTouched: boolean }>()
    const breathe = createBreather()

    const isTouched = (account: Account): boolean => {
      const names = namesOf(after, account)
      return names.some((name) => changed.has(name)) || String(names) !== String(namesOf(before, account))
    }
    const ancestorOf = async (id: AccountId) => {
      const known = above.get(id)
      if (known !== undefined) return known
      const account = await store.accounts.get(id)
      if (account === undefined) return undefined
      const ancestor = { account, isTouched: isTouched(account) }
      above.set(id, ancestor)
      return ancestor
    }

    for await (const account of accountsUnder(store.accounts, pending.home)) {
      await breathe()
      const own = { account, isTouched: isTouched(account) }
      if (account.role === 'admin' || account.role === 'client') above.set(account.id, own)
      const lineage = [own]
      for (const id of lineageIds(account.path).slice(0, -1).toReversed()) {
        const ancestor = await ancestorOf(id)
        if (ancestor !== undefined) lineage.push(ancestor)
      }
      if (!areAllTouched && !lineage.some((each) => each.isTouched)) continue
      const present = before.catalogueOf(account)
      const layersBy = (snapshot: PolicySnapshot) =>
        lineage.flatMap((each) => snapshot.layersWith(each.account, each.account))
      await examine({
        id: account.id,
        principal: layersBy(before)[0]?.principal ?? {},
        context: requestContext(account, { ip, now }),
        before: layersBy(before),
        after: layersBy(after),
        catalogues: { before: present, after: areAllTouched ? after.catalogueOf(account) : present },
      })
    }
  }
