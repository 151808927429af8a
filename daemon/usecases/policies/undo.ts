import { isSameText, type Listed, type Namespace } from '../../domain/policy-snapshot.ts'
import type { NamespaceChange, Put } from './change.ts'

/** A namespace before a change, with it, and as it is by now. */
interface Undoing {
  readonly base: Namespace
  readonly next: Namespace
  readonly current: Namespace
}

type Texts = ReadonlyMap<string, Listed>

const sameListed = (one: Listed | undefined, other: Listed | undefined): boolean =>
  one === undefined ? other === undefined : other !== undefined && isSameText(one, other)

/** What was changed and still is as the change left it, as it was before. */
const restored = <L extends Listed, T>(
  { base, next, current }: { base: ReadonlyMap<string, L>; next: Texts; current: Texts },
  valueOf: (listed: L) => T,
): Record<string, Put<T> | null> => {
  const puts: Record<string, Put<T> | null> = {}
  for (const name of new Set([...base.keys(), ...next.keys()])) {
    const was = base.get(name)
    if (sameListed(was, next.get(name)) || !sameListed(next.get(name), current.get(name))) continue
    const { writtenAt, origin = null } = was ?? {}
    puts[name] = was === undefined ? null : { value: valueOf(was), origin, ...(writtenAt && { writtenAt }) }
  }
  return puts
}

/** The change that takes another one back, but for what somebody else has changed since. */
export const undoing = ({ base, next, current }: Undoing): NamespaceChange => {
  const { attachments, attachmentOrigins = attachments.map(() => null) } = base.revision
  const written = JSON.stringify(next.revision.attachments)
  const isMoved = JSON.stringify(attachments) !== written
  const isOurs = JSON.stringify(current.revision.attachments) === written
  return {
    policies: restored(
      { base: base.policies, next: next.policies, current: current.policies },
      ({ document }) => document,
    ),
    services: restored(
      { base: base.services, next: next.services, current: current.services },
      ({ service }) => service,
    ),
    invariants: restored(
      { base: base.invariants, next: next.invariants, current: current.invariants },
      ({ invariant }) => invariant,
    ),
    ...(isMoved && isOurs && { attachments, attachmentOrigins }),
  }
}
