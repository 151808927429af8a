import { createHash } from 'node:crypto'
import {
  compilePolicy,
  contextFaults,
  createCatalogue,
  decide,
  accountFacts,
  canonicalJson,
  HeldLayers,
  namespacesAbove,
  type Context,
  type Service,
} from '../../policies/index.ts'
import type { AccountFacts, AccountFactsPage, Snapshot } from '../../sdk/types.gen.ts'
import type { Api } from './api.ts'

const SECTIONS = ['heads', 'policies', 'attachments', 'declared'] as const

type Entries = Record<string, unknown>

export const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('base64url')

/** What the revision of a snapshot is the digest of. */
export const stateOf = ({
  revision: _revision,
  since: _since,
  documents: _documents,
  signature: _signature,
  ...state
}: Snapshot): Omit<Snapshot, 'revision' | 'since' | 'documents' | 'signature'> => state

/** A snapshot with what leads from it to a later one; throws unless it is what its revision says. */
export const advanced = (present: Snapshot | undefined, step: Snapshot): Snapshot => {
  if (step.since !== null && step.since !== present?.revision) throw new Error('of another revision')
  const base: Partial<Snapshot> = step.since === null ? {} : (present ?? {})
  const merged = { ...step, since: null, documents: { ...base.documents, ...step.documents } }
  for (const section of SECTIONS) {
    const entries: Entries = { ...base[section], ...step[section] }
    for (const [name, value] of Object.entries(entries)) if (value === null) delete entries[name]
    Object.assign(merged, { [section]: entries })
  }
  if (digestOf(stateOf(merged)) !== step.revision) throw new Error('not what its revision says')
  for (const [digest, document] of Object.entries(merged.documents))
    if (digestOf(document) !== digest) throw new Error(`not the document ${digest}`)
  return merged
}

const getOk = async (api: Api, path: string, token: string): Promise<unknown> => {
  const { status, text, body } = await api.get(path, token)
  if (status !== 200) throw new Error(`${path}: ${text}`)
  return body
}

export const loadSnapshot = async (api: Api, token: string, query = ''): Promise<Snapshot> =>
  (await getOk(api, `/policies/snapshot${query}`, token)) as Snapshot

export const loadFacts = async (api: Api, token: string, ids: readonly string[]): Promise<AccountFactsPage> =>
  (await getOk(api, `/policies/snapshot/accounts?ids=${ids.join()}`, token)) as AccountFactsPage

/** Decides as an application does: by nothing but a snapshot and facts. */
export const createReplica = (snapshot: Snapshot, facts: readonly AccountFacts[]) => {
  const known = new Map([...snapshot.above, ...facts].map((each) => [each.id, each]))
  const compiled = new Map(
    Object.entries(snapshot.policies).map(([reference, policy]) => {
      if (policy === null) throw new Error('a whole snapshot takes nothing away')
      const document = snapshot.documents[policy.document]
      if (document === undefined) throw new Error(`no document for ${reference}`)
      const made = compilePolicy(document as never, { name: reference, hash: policy.document })
      return [reference, { ...made, size: policy.size }]
    }),
  )
  const held = new HeldLayers((reference) => compiled.get(reference))

  const layersOf = (account: AccountFacts) => {
    const policies = new Set<string>()
    const boundaries = new Set<string>()
    for (const namespace of namespacesAbove(account))
      for (const { to, policies: given, boundary } of snapshot.attachments[namespace] ?? []) {
        if (!to.every((mark) => account.marks.includes(mark))) continue
        for (const reference of given) policies.add(reference)
        if (boundary !== null) boundaries.add(boundary)
      }
    for (const reference of account.policies) policies.add(reference)
    if (account.boundary !== null) boundaries.add(account.boundary)
    return held.of(account, { policies: [...policies], boundaries: [...boundaries] })
  }

  return (id: string, question: { action: string; resource: string; context?: Context }): string => {
    const account = known.get(id)
    if (account === undefined) throw new Error(`no facts of ${id}`)
    const lineage = account.path.split('/').map((each) => known.get(each))
    const catalogue = createCatalogue(
      ['authctl', 'root', ...account.path.split('/')].flatMap(
        (name) => (snapshot.declared[name] ?? []) as unknown as Service[],
      ),
    )
    const declared = catalogue.actions.get(question.action)
    if (declared === undefined) return 'unknown_action'
    if (!declared.resources.includes(question.resource.split('/')[0] ?? '')) return 'unknown_resource_type'
    if (lineage.some((each) => each?.status !== 'active')) return 'not_active'
    const layers = lineage.toReversed().flatMap((each) => (each === undefined ? [] : layersOf(each)))
    const said = question.context ?? {}
    if (contextFaults(catalogue, { action: question.action, said, layers }).length > 0)
      return 'invalid_request'
    const context = {
      ...accountFacts('caller', account),
      'request.time': Math.floor(Date.now() / 1000),
      ...said,
    }
    return decide(layers, { ...question, context }).verdict
  }
}
