import { compilePolicy, type Invariant, type PolicyDocument, type Service } from '../../../policies/index.ts'
import { ROLE_NAMES, ROLES } from '../../domain/account.ts'
import {
  isSameText,
  ROOT,
  type Listed,
  type LoadedPolicy,
  type LoadedService,
  type Namespace,
  type NamespacePlace,
  type Revision,
} from '../../domain/policy-snapshot.ts'
import { selectionOf } from '../../domain/selection.ts'
import type { PolicyHead, PolicyStore } from '../../ports/stores/index.ts'
import { createBreather } from '../breather.ts'

/** A namespace before its first change: empty, and at the root each role has its managed policy. */
export const initialNamespace = ({ name: namespace, above }: NamespacePlace): Namespace => {
  const attachments =
    namespace === ROOT
      ? ROLE_NAMES.map((role) => ({ to: { role }, policies: [ROLES[role].managedPolicy] }))
      : []
  return {
    id: null,
    revision: {
      namespace,
      above,
      number: 0,
      parent: null,
      createdAt: 0,
      actorId: null,
      policies: {},
      services: {},
      attachments,
    },
    policies: new Map(),
    services: new Map(),
    invariants: new Map(),
    selection: selectionOf(attachments),
  }
}

/** Why a revision cannot be in force. */
export class UnusableRevision extends Error {
  override readonly name = 'UnusableRevision'
}

/**
 * A namespace made of its revision and the texts that it lists; what stood in the one before in the same
 * words is taken from there, and needs no text. Throws `UnusableRevision` and `CompileError`: then it cannot
 * become head. Others are served meanwhile.
 */
export const loadNamespace = async (
  id: string,
  revision: Revision,
  { texts, before }: { texts: ReadonlyMap<string, string>; before: Namespace | undefined },
): Promise<Namespace> => {
  const parse = <T>({ hash }: Listed): T => {
    const text = texts.get(hash)
    if (text === undefined) throw new UnusableRevision(`${revision.namespace}: the text ${hash} is missing`)
    return JSON.parse(text) as T
  }
  const load = (name: string, listed: Listed): LoadedPolicy => {
    const present = before?.policies.get(name)
    const same = isSameText(present, listed) ? present : undefined
    if (same !== undefined && String(same.writtenAt) === String(listed.writtenAt))
      return { ...listed, document: same.document, compiled: same.compiled }
    const document = same?.document ?? parse<PolicyDocument>(listed)
    const { hash, writtenAt = [] } = listed
    const options = { name: `${revision.namespace}/${name}`, hash, writtenAt }
    return { ...listed, document, compiled: compilePolicy(document, options) }
  }
  const breathe = createBreather()
  const policies = new Map<string, LoadedPolicy>()
  for (const [name, listed] of Object.entries(revision.policies)) {
    await breathe()
    policies.set(name, load(name, listed))
  }
  const services = Object.entries(revision.services).map(([name, listed]): [string, LoadedService] => {
    const present = before?.services.get(name)
    const service = isSameText(present, listed) ? present.service : parse<Service>(listed)
    return [name, { ...listed, service }]
  })
  const invariants = Object.entries(revision.invariants ?? {}).map(([name, listed]) => {
    const present = before?.invariants.get(name)
    const invariant = isSameText(present, listed) ? present.invariant : parse<Invariant>(listed)
    return [name, { ...listed, invariant }] as const
  })
  const selection = selectionOf(revision.attachments)
  return {
    id,
    revision,
    policies,
    services: new Map(services),
    invariants: new Map(invariants),
    selection,
  }
}

const missingIn = (
  listed: Readonly<Record<string, Listed>>,
  present: ReadonlyMap<string, Listed> | undefined,
): string[] =>
  Object.entries(listed)
    .filter(([name, each]) => !isSameText(present?.get(name), each))
    .map(([, { hash }]) => hash)

/** The texts of a revision that the one before does not hold. */
const missingHashes = (
  { policies, services, invariants = {} }: Revision,
  before: Namespace | undefined,
): string[] => [
  ...missingIn(policies, before?.policies),
  ...missingIn(services, before?.services),
  ...missingIn(invariants, before?.invariants),
]

/** How many texts are read at once: others are served between. */
const TEXTS_A_READ = 100

const readTexts = async (store: PolicyStore, hashes: readonly string[]): Promise<Map<string, string>> => {
  const breathe = createBreather()
  const texts = new Map<string, string>()
  for (let at = 0; at < hashes.length; at += TEXTS_A_READ) {
    await breathe()
    const read = await store.read(hashes.slice(at, at + TEXTS_A_READ))
    for (const { hash, content } of read) texts.set(hash, content)
  }
  return texts
}

/**
 * Reads what the heads name and was not there before: for each, the namespace, or why it cannot be in force.
 */
export const readHeads = async (
  store: PolicyStore,
  heads: readonly PolicyHead[],
  present: ReadonlyMap<string, Namespace>,
): Promise<{ head: PolicyHead; loaded: Namespace | Error }[]> => {
  const contents = await readTexts(
    store,
    heads.map(({ revision }) => revision),
  )
  const revisions = new Map(
    [...contents].map(([hash, content]) => [hash, JSON.parse(content) as Revision] as const),
  )
  const wanted = new Set(
    [...revisions.values()].flatMap((each) => missingHashes(each, present.get(each.namespace))),
  )
  const texts = await readTexts(store, [...wanted])
  const read = async (head: PolicyHead): Promise<{ head: PolicyHead; loaded: Namespace | Error }> => {
    const revision = revisions.get(head.revision)
    try {
      if (revision === undefined) throw new UnusableRevision(`${head.namespace}: its revision is missing`)
      const before = present.get(head.namespace)
      return { head, loaded: await loadNamespace(head.revision, revision, { texts, before }) }
    } catch (error) {
      return { head, loaded: error instanceof Error ? error : new Error(String(error)) }
    }
  }
  return Promise.all(heads.map(read))
}

/** The namespace of one head. Throws what keeps it from being in force. */
export const readNamespace = async (store: PolicyStore, head: PolicyHead): Promise<Namespace> => {
  const [read] = await readHeads(store, [head], new Map())
  if (read === undefined) throw new UnusableRevision(`${head.namespace}: its revision is missing`)
  if (read.loaded instanceof Error) throw read.loaded
  return read.loaded
}
