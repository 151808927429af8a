import type { Snapshot } from '../types.gen.ts'
import { compilePolicy, LANGUAGE, type CompiledPolicy, type Service, type Statement } from './engine.ts'
import { digestOf } from '../server/signed.ts'
import { SnapshotError } from './errors.ts'
import type { MarkedAttachment, PolicyContent } from './standing.ts'
import { PolicyState } from './state.ts'

/** The form of the protocol that is understood. */
const FORMAT = 1

/** The members of a snapshot that a difference gives entry by entry. */
const SECTIONS = ['heads', 'policies', 'attachments', 'declared'] as const
type Section = (typeof SECTIONS)[number]
type Entries = Readonly<Record<string, unknown>>

/** What a snapshot says, whole: its revision is the digest of it. */
export type SnapshotState = Pick<
  Snapshot,
  Section | 'format' | 'language' | 'audience' | 'services' | 'above'
>

/** A snapshot at hand, with what the next is made of. */
export interface HeldSnapshot {
  readonly revision: string
  readonly state: SnapshotState
  readonly documents: Readonly<Snapshot['documents']>
  readonly policies: PolicyState
}

const refuse = (code: string, message: string): never => {
  throw new SnapshotError(code, message)
}

/** Refuses what this engine would not understand, before anything of it is read. */
const requireKnown = ({ format, language }: Snapshot): void => {
  if (format !== FORMAT || !(language <= LANGUAGE))
    refuse('unknown_language', 'the daemon is newer than this engine: install its @authctl/sdk')
}

const merged = (from: Entries, changed: Entries): Entries =>
  Object.fromEntries(Object.entries({ ...from, ...changed }).filter(([, value]) => value !== null))

/** The whole state that an answer leads to. */
const stateOf = (answer: Snapshot, before: HeldSnapshot | undefined): SnapshotState => {
  const { format, language, audience, services, above, since } = answer
  if (since !== null && since !== before?.revision)
    return refuse('bad_snapshot', 'the difference is from another revision')
  const from: Partial<Record<Section, Entries>> = since === null ? {} : (before?.state ?? {})
  const sections = Object.fromEntries(
    SECTIONS.map((section) => [section, merged(from[section] ?? {}, answer[section])]),
  ) as Pick<SnapshotState, Section>
  return { format, language, audience, services, above, ...sections }
}

const entriesOf = <T>(section: Readonly<Record<string, T | null>>): [string, T][] =>
  Object.entries(section).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))

/** The statements of a document: its digest has been compared, and the daemon has validated it. */
const statementsOf = (document: { readonly Statement: readonly object[] }) => ({
  Statement: document.Statement as readonly Statement[],
})

/** The policies of a state, compiled; those that read as before are taken from there. */
const compileAll = (
  state: SnapshotState,
  documents: Snapshot['documents'],
  before: HeldSnapshot | undefined,
): Map<string, CompiledPolicy> => {
  const compiled = new Map<string, CompiledPolicy>()
  for (const [name, { document: hash, size }] of entriesOf(state.policies)) {
    const known = before?.policies.content.policies.get(name)
    const document = documents[hash] ?? refuse('bad_snapshot', `the document ${hash} is missing`)
    const isSame = known?.hash === hash && known.size === size
    compiled.set(
      name,
      isSame ? known : compilePolicy(statementsOf(document), { name, hash, at: document.at, size }),
    )
  }
  return compiled
}

const contentOf = (state: SnapshotState, policies: ReadonlyMap<string, CompiledPolicy>): PolicyContent => ({
  services: new Set(state.services),
  policies,
  attachments: new Map(entriesOf<readonly MarkedAttachment[]>(state.attachments)),
  declared: new Map(entriesOf(state.declared as Record<string, readonly Service[] | null>)),
  above: new Map(state.above.map((account) => [account.id, account])),
})

/**
 * The snapshot that an answer leads to. Every document must have its digest, and the whole the revision, so
 * that what the signature is about is what is decided by. Throws {@link SnapshotError}.
 */
export const applySnapshot = async (
  answer: Snapshot,
  before: HeldSnapshot | undefined,
): Promise<HeldSnapshot> => {
  requireKnown(answer)
  const state = stateOf(answer, before)
  const { revision } = answer
  if ((await digestOf(state)) !== revision)
    refuse('bad_snapshot', 'the snapshot is not what its revision says')
  for (const [digest, document] of Object.entries(answer.documents))
    if ((await digestOf(document)) !== digest)
      refuse('bad_snapshot', `the document ${digest} is not what its digest says`)
  const all = { ...before?.documents, ...answer.documents }
  const named = new Set(entriesOf(state.policies).map(([, { document }]) => document))
  const documents = Object.fromEntries(Object.entries(all).filter(([digest]) => named.has(digest)))
  const policies = compileAll(state, documents, before)
  return { revision, state, documents, policies: new PolicyState(contentOf(state, policies)) }
}
