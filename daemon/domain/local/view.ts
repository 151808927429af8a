import {
  canonicalJson,
  LANGUAGE,
  MANAGED_POLICIES,
  OWN_SERVICES,
  type PolicyDocument,
  type Service,
} from '../../../policies/index.ts'
import type { KnownAccount } from '../account.ts'
import {
  MANAGED_HOME,
  namespaceOf,
  namespacesAbove,
  type Namespace,
  type PolicySnapshot,
} from '../policy-snapshot.ts'
import type { LocalAttachment, LocalFacts, Naming } from './facts.ts'
import { reduceDocument, type ReducedDocument } from './reduced-document.ts'

/** The form of the protocol. */
export const LOCAL_FORMAT = 1

/** The service whose actions only the daemon decides: its own. */
export const NEVER_LOCAL = 'authctl'

/** A policy of a view: where its statements are, and how much of the bounds of an account it takes. */
export interface LocalPolicy {
  /** The digest of its document. */
  readonly document: string
  readonly size: number
}

type ByName<T> = Readonly<Record<string, T>>

/** Everything that an application decides by, apart from the texts of documents and the accounts below. */
export interface LocalState {
  readonly format: number
  readonly language: number
  /** The application. */
  readonly audience: string
  readonly services: readonly string[]
  readonly heads: ByName<{ readonly id: string; readonly number: number }>
  readonly policies: ByName<LocalPolicy>
  readonly attachments: ByName<readonly LocalAttachment[]>
  readonly declared: ByName<readonly Service[]>
  /** The accounts above the owner, top first. */
  readonly above: readonly LocalFacts[]
}

/** A document with its digest. */
export interface AddressedDocument {
  readonly digest: string
  readonly document: ReducedDocument
}

/** The policies as one application sees them at a moment. */
export interface LocalView {
  /** The digest of the state: of equal states the same, whichever daemon makes it. */
  readonly revision: string
  readonly state: LocalState
  /** The documents by their digests. */
  readonly documents: ReadonlyMap<string, ReducedDocument>
  /** What each policy was reduced to, so that the next view need not do it again. */
  readonly reduced: ReadonlyMap<PolicyDocument, AddressedDocument>
}

/** Whose view it is. */
export interface LocalViewer {
  readonly audience: string
  readonly owner: KnownAccount
  /** The accounts above the owner, top first. */
  readonly above: readonly KnownAccount[]
  /** Undefined: all that are declared. */
  readonly services: readonly string[] | undefined
}

/** What two viewers have the same of if they see the same. */
export const viewerKey = ({ audience, owner, services }: LocalViewer): string =>
  [audience, owner.id, services?.join() ?? '*'].join(' ')

/** The namespaces in which something concerns the owner or accounts below it, in the order of decisions. */
const namespacesFor = (snapshot: PolicySnapshot, owner: KnownAccount): Namespace[] => {
  const own = namespaceOf(owner)
  const above = namespacesAbove(owner)
  const visible = new Set([...above, ...(own === undefined ? [] : [own])])
  const isBelow = ({ revision: { namespace, above: over } }: Namespace): boolean =>
    !visible.has(namespace) && own !== undefined && over.includes(own)
  const below = [...snapshot.namespaces.values()].filter(isBelow)
  return [
    ...[...visible].flatMap((name) => snapshot.namespaces.get(name) ?? []),
    ...below.sort((a, b) => (a.revision.namespace < b.revision.namespace ? -1 : 1)),
  ]
}

const SELECTORS = ['role', 'username', 'id'] as const

/** The attachments of a namespace in the order in which they count. */
const attachmentsOf = ({ revision: { namespace, attachments } }: Namespace, naming: Naming) =>
  SELECTORS.flatMap((selector) => attachments.filter(({ to }) => to[selector] !== undefined)).map((each) =>
    naming.attachment(each, namespace),
  )

/** What is declared, without what people are told by it; of other services, the keys alone. */
const declarationOf = (
  { service, actions, resource_types: types, context_keys: keys }: Service,
  services: ReadonlySet<string>,
): Service[] => {
  const plainKeys =
    keys &&
    Object.fromEntries(
      Object.entries(keys).map(([name, { description: _description, ...key }]) => [name, key]),
    )
  const withKeys = plainKeys === undefined ? {} : { context_keys: plainKeys }
  if (!services.has(service))
    return plainKeys === undefined ? [] : [{ service, actions: {}, resource_types: {}, ...withKeys }]
  const plainActions = Object.entries(actions).map(([verb, { resources, keys: used }]) => [
    verb,
    { resources, ...(used === undefined ? {} : { keys: used }) },
  ])
  const plainTypes = Object.entries(types).map(([type, { private: attributes }]) => [
    type,
    attributes === undefined ? {} : { private: attributes },
  ])
  return [
    {
      service,
      actions: Object.fromEntries(plainActions),
      resource_types: Object.fromEntries(plainTypes),
      ...withKeys,
    },
  ]
}

const ATTRIBUTE = /principal\.attributes\.([A-Za-z0-9_-]{1,64})/g

/** The attributes of the owner of a layer that these documents may ask for. */
const attributesAskedFor = (documents: Iterable<ReducedDocument>): Set<string> =>
  new Set(
    [...documents].flatMap((each) =>
      [...JSON.stringify(each).matchAll(ATTRIBUTE)].map(([, name]) => name ?? ''),
    ),
  )

/**
 * What decisions can ask of an account above. A mark tells the attribute to those who guess it: one that
 * nothing selects by is not told.
 */
const onlyAskedFor = (
  { attributes, marks, ...facts }: LocalFacts,
  asked: { readonly attributes: ReadonlySet<string>; readonly marks: ReadonlySet<string> },
): LocalFacts => ({
  ...facts,
  attributes: Object.fromEntries(Object.entries(attributes).filter(([name]) => asked.attributes.has(name))),
  marks: marks.filter((mark) => asked.marks.has(mark)),
})

/** What making a view needs. */
export interface ViewTools {
  readonly naming: Naming
  readonly digest: (text: string) => string
  /** Called between the steps of what may take long. */
  readonly breathe: () => Promise<void>
  /** The view before of the same viewer. */
  readonly before: LocalView | undefined
}

interface Source {
  readonly full: string
  readonly document: PolicyDocument
  readonly isHidden: boolean
}

const sourcesOf = (namespaces: readonly Namespace[], naming: Naming): Source[] => [
  ...MANAGED_POLICIES.map((document) => ({ full: `authctl:${document.Id}`, document, isHidden: false })),
  ...namespaces.flatMap(({ revision: { namespace }, policies }) =>
    [...policies].map(([name, { document }]) => ({
      full: `${namespace}/${name}`,
      document,
      isHidden: naming.isHidden(namespace),
    })),
  ),
]

/** The services whose actions a view decides. */
const servicesOf = (namespaces: readonly Namespace[], asked: readonly string[] | undefined): string[] => {
  const declared = namespaces.flatMap(({ services }) => [...services.keys()])
  return [...new Set(asked ?? declared)].filter((name) => name !== NEVER_LOCAL).sort()
}

/**
 * Makes the view of an application: the policies of the accounts above its owner, of the owner, and of those
 * below, and nothing of anybody else's. What stands above is reduced to the actions of the services, and its
 * names are hidden.
 */
export const createView = async (
  snapshot: PolicySnapshot,
  { audience, owner, above, services: asked }: LocalViewer,
  { naming, digest, breathe, before }: ViewTools,
): Promise<LocalView> => {
  const namespaces = namespacesFor(snapshot, owner)
  const services = servicesOf(namespaces, asked)
  const wanted = new Set(services)
  const isSame = before !== undefined && canonicalJson(before.state.services) === canonicalJson(services)
  const reduced = new Map<PolicyDocument, AddressedDocument>()
  const documents = new Map<string, ReducedDocument>()
  const policies: Record<string, LocalPolicy> = {}
  const overOwner: ReducedDocument[] = []

  const reduce = ({ full, document, isHidden }: Source): AddressedDocument => {
    const known = isSame ? before.reduced.get(document) : undefined
    if (known !== undefined) return known
    const hideSid = isHidden ? (sid: string) => naming.hide('sid', `${full}\0${sid}`) : undefined
    const small = reduceDocument(document, wanted, hideSid)
    return { digest: digest(canonicalJson(small)), document: small }
  }

  for (const source of sourcesOf(namespaces, naming)) {
    await breathe()
    const small = reduce(source)
    reduced.set(source.document, small)
    documents.set(small.digest, small.document)
    policies[naming.reference(source.full)] = {
      document: small.digest,
      size: snapshot.find(source.full)?.size ?? 0,
    }
    if (source.isHidden || source.full.startsWith('authctl:')) overOwner.push(small.document)
  }
  const attachments = Object.fromEntries(
    namespaces
      .map((each) => [each.revision.namespace, attachmentsOf(each, naming)] as const)
      .filter(([, all]) => all.length > 0),
  )
  const askedFor = {
    attributes: attributesAskedFor(overOwner),
    marks: new Set(Object.values(attachments).flatMap((all) => all.flatMap(({ to }) => to))),
  }
  const declared = [
    [MANAGED_HOME, OWN_SERVICES] as const,
    ...namespaces.map(({ revision: { namespace }, services: here }) => {
      return [namespace, [...here.values()].map(({ service }) => service)] as const
    }),
  ].map(([name, all]) => [name, all.flatMap((each) => declarationOf(each, wanted))] as const)
  const state: LocalState = {
    format: LOCAL_FORMAT,
    language: LANGUAGE,
    audience,
    services,
    heads: Object.fromEntries(
      namespaces.flatMap(({ id, revision: { namespace, number } }) =>
        id === null ? [] : [[namespace, { id, number }]],
      ),
    ),
    policies,
    attachments,
    declared: Object.fromEntries(declared.filter(([, all]) => all.length > 0)),
    above: above.map((account) => onlyAskedFor(naming.facts(account), askedFor)),
  }
  await breathe()
  return { revision: digest(canonicalJson(state)), state, documents, reduced }
}
