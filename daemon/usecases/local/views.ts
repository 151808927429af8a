import type { KnownAccount } from '../../domain/account.ts'
import { createNaming, type Naming } from '../../domain/local/facts.ts'
import {
  differenceOf,
  earlierOf,
  wholeOf,
  type EarlierView,
  type LocalStep,
} from '../../domain/local/difference.ts'
import { createView, viewerKey, type LocalView, type LocalViewer } from '../../domain/local/view.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Vault } from '../../ports/crypto.ts'
import { createBreather } from '../breather.ts'
import type { FollowedPolicies } from '../policies/follow.ts'

/** How many views are at hand: of one application for each choice of services. */
const MAX_VIEWS = 256
/** How many revisions back a view tells the difference from. */
const MAX_BEFORE = 8

/** The view of an application as it is now, and what it was. */
export interface PresentView {
  readonly view: LocalView
  /** The views before, the newest first. */
  readonly before: readonly EarlierView[]
}

interface Kept extends PresentView {
  /** What it was made of. A view that nobody asks for any more must not hold policies that are no more. */
  readonly snapshot: WeakRef<PolicySnapshot>
  /** The versions of the accounts above the owner. */
  readonly above: string
}

const versionsOf = (accounts: readonly KnownAccount[]): string =>
  accounts.map(({ id, version }) => `${id}:${version}`).join()

/** What stands for names towards an audience. */
export const namingOf = (
  vault: Pick<Vault, 'hiddenName'>,
  { audience, owner }: Pick<LocalViewer, 'audience' | 'owner'>,
): Naming => createNaming(owner, (kind, text) => vault.hiddenName(audience, kind, text))

/** What leads from a revision to a view; the whole of it from one that is not known any more. */
export const stepFrom = ({ view, before }: PresentView, revision: string | undefined): LocalStep => {
  const from =
    view.revision === revision ? earlierOf(view) : before.find((each) => each.revision === revision)
  return from === undefined ? wholeOf(view) : differenceOf(from, view)
}

/** Makes the views of applications, and keeps them as long as what they are made of is the same. */
export const createViews = ({
  policies,
  vault,
}: {
  readonly policies: Pick<FollowedPolicies, 'current'>
  readonly vault: Pick<Vault, 'hiddenName' | 'digest'>
}) => {
  const kept = new Map<string, Kept>()
  const making = new Map<string, Promise<Kept>>()
  const breathe = createBreather()

  const keep = (key: string, made: Kept): void => {
    kept.delete(key)
    const oldest = kept.keys().next().value
    if (kept.size >= MAX_VIEWS && oldest !== undefined) kept.delete(oldest)
    kept.set(key, made)
  }

  const make = async (
    viewer: LocalViewer,
    { snapshot, above }: { snapshot: PolicySnapshot; above: string },
    last: Kept | undefined,
  ): Promise<Kept> => {
    const naming = namingOf(vault, viewer)
    const view = await createView(snapshot, viewer, {
      naming,
      digest: (text) => vault.digest(text),
      breathe,
      before: last?.view,
    })
    const isSame = last?.view.revision === view.revision
    const before = last === undefined ? [] : isSame ? last.before : [earlierOf(last.view), ...last.before]
    return { snapshot: new WeakRef(snapshot), above, view, before: before.slice(0, MAX_BEFORE) }
  }

  /** The view of the policies that are in force here. */
  const present = async (viewer: LocalViewer): Promise<PresentView> => {
    const key = viewerKey(viewer)
    for (;;) {
      const snapshot = policies.current()
      const above = versionsOf(viewer.above)
      const last = kept.get(key)
      if (last?.snapshot.deref() === snapshot && last.above === above) {
        keep(key, last)
        return last
      }
      const running = making.get(key)
      if (running !== undefined) {
        await running
        continue
      }
      const made = make(viewer, { snapshot, above }, last).finally(() => making.delete(key))
      making.set(key, made)
      keep(key, await made)
    }
  }
  return { present }
}

/** The views of applications. */
export type Views = ReturnType<typeof createViews>
