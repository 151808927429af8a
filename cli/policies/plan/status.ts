import type { AuthctlClient } from '@authctl/sdk'
import { objectKey } from '../../../policies/plan/index.ts'
import type { PolicySet } from '../../../policies/set/index.ts'
import { momentWords } from '../../output/moment.ts'
import { changersOf } from './blamed.ts'
import { driftOf, type Drifted } from './drift.ts'
import { objectsOfSet, ownedBy, readHead, readRevision, type FullRevision } from './objects.ts'

/** An object that differs, and who made it what it is on the server. */
export interface Status extends Drifted {
  readonly by: string | null
  readonly when: string | null
}

const isApplyOf = ({ event, set }: Pick<FullRevision, 'event' | 'set'>, name: string): boolean =>
  event === 'apply' && set === name

/** The revision by which a set was applied the last time, as far as history is kept. */
const lastApply = async (
  client: AuthctlClient,
  { set, namespace }: { set: string; namespace: string | undefined },
): Promise<FullRevision | undefined> => {
  for await (const revision of await client.policies.revisions({ namespace, limit: 200 }))
    if (isApplyOf(revision, set)) return await readRevision(client, revision.id, namespace)
  return undefined
}

const changedThere = ({ drift }: Drifted): boolean => drift !== 'here'

/** What differs between a set and the server, with who has changed it there and when. */
export const statusOf = async (client: AuthctlClient, set: PolicySet, namespace: string | undefined) => {
  const name = set.name ?? ''
  const head = await readHead(client, namespace)
  const apply = head && (await lastApply(client, { set: name, namespace }))
  const found = driftOf({
    set: name,
    local: objectsOfSet(set),
    applied: ownedBy(apply?.objects ?? [], name),
    live: head?.objects ?? [],
  })
  const keys = found.filter(changedThere).map(objectKey)
  const changers =
    head === undefined || keys.length === 0 ? undefined : await changersOf(client, { head, keys, namespace })
  const drifted = found.map((each): Status => {
    const revision = changedThere(each) ? changers?.get(objectKey(each)) : undefined
    return { ...each, by: revision?.actor ?? null, when: revision?.created_at ?? null }
  })
  const applied =
    apply === undefined
      ? `The set ${name} was never applied, as far as history is kept.`
      : `The set ${name} was applied by ${apply.actor ?? 'nobody'} at ${momentWords(apply.created_at)} as revision ${apply.number}${apply.commit === null ? '' : `, commit ${apply.commit.slice(0, 12)}`}.`
  const data = {
    set: name,
    has_changes: drifted.length > 0,
    revision: head === undefined ? null : { id: head.id, number: head.number },
    applied:
      apply === undefined
        ? null
        : { number: apply.number, at: apply.created_at, actor: apply.actor, commit: apply.commit },
    drifted,
  }
  return { drifted, data, applied }
}
