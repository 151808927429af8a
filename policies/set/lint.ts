import { actionsMatching, type Catalogue } from '../catalogue.ts'
import { listOf } from '../engine/condition.ts'
import type { PolicyDocument, ROLES } from '../language.ts'
import { lintDocument } from '../lint/lint.ts'
import { MANAGED_POLICIES, OWN_SERVICES } from '../managed.ts'
import { DIAGNOSTICS, type DiagnosticCode } from '../text/diagnostic-kinds.ts'
import type { Diagnostic } from '../text/diagnostics.ts'
import type { Position } from '../text/json.ts'
import { finish, type Steps } from '../steps.ts'
import type { PolicySet, SetAttachment } from './read.ts'

type Role = (typeof ROLES)[number]

const warningAt = (
  code: DiagnosticCode,
  message: string,
  { file, line, column }: Position & { readonly file: string },
): Diagnostic => {
  const { severity, fix: hint } = DIAGNOSTICS[code]
  return { code, severity, message, file, line, column, hint, suggestion: null }
}

/** A policy's own name, whatever namespace it is called by. */
const bareName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

const areReadable = ({ diagnostics }: PolicySet): boolean =>
  !diagnostics.some(({ file, severity }) => severity === 'error' && file.startsWith('attachments/'))

/** Documents that nothing attaches, as far as the attachments could be read. */
const neverAttached = ({ documents, attachments }: PolicySet): Diagnostic[] => {
  const attached = new Set(
    attachments
      .flatMap(({ policies = [], boundary = [] }) => [...listOf(policies), ...listOf(boundary)])
      .map(bareName),
  )
  return documents
    .filter(({ document }) => !attached.has(document.Id))
    .map(({ document, file, namedAt }) =>
      warningAt('W_NEVER_ATTACHED', `nothing attaches ${document.Id}`, { file, ...namedAt }),
    )
}

/** The documents of a set, and those that come with authctl, by the names that attachments use. */
const documentsByName = ({ documents }: PolicySet): ReadonlyMap<string, PolicyDocument> =>
  new Map([
    ...MANAGED_POLICIES.map((document) => [`authctl:${document.Id}`, document] as const),
    ...documents.map(({ document }) => [document.Id, document] as const),
  ])

/** The services of applications that a document allows something of. */
const servicesOf = ({ Statement }: PolicyDocument, catalogue: Catalogue): ReadonlySet<string> => {
  const own = new Set(OWN_SERVICES.map(({ service }) => service))
  const actions = Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, NotAction }) =>
    NotAction === undefined
      ? listOf<string>(Action ?? []).flatMap((pattern) => actionsMatching(catalogue, pattern))
      : [...catalogue.actions.values()],
  )
  return new Set(actions.map(({ name }) => name.split(':')[0] ?? '').filter((service) => !own.has(service)))
}

/** The roles above a role, nearest first. */
const ABOVE: Readonly<Partial<Record<string, readonly Role[]>>> = {
  client: ['admin'],
  'sub-client': ['client', 'admin'],
}

const policiesOf = ({ attachment }: SetAttachment): readonly string[] =>
  listOf<string>(attachment.policies ?? [])

/** Whether an attachment is for the whole role, whatever its accounts are like. */
const isForRole = ({ attachment: { to } }: SetAttachment, role: string): boolean =>
  to.role === role && to.attributes === undefined

/**
 * Attachments by which a role may use a service of which no role above it may use anything: all of it is
 * denied, since nobody has more than those above.
 */
function* layersAbove(set: PolicySet): Steps<Diagnostic[]> {
  const services = new Map<string, ReadonlySet<string>>()
  for (const [name, each] of documentsByName(set)) {
    services.set(name, servicesOf(each, set.catalogue))
    yield
  }
  const allowing = (role: Role): ReadonlySet<string> =>
    new Set(
      set.attached
        .filter(({ attachment: { to } }) => to.role === role || to.role === undefined)
        .flatMap(policiesOf)
        .flatMap((name) => [...(services.get(name) ?? services.get(bareName(name)) ?? [])]),
    )
  const byRole = new Map<Role, ReadonlySet<string>>()
  const allowed = (role: Role): ReadonlySet<string> => {
    const known = byRole.get(role) ?? allowing(role)
    byRole.set(role, known)
    return known
  }
  const firstMissing = (
    name: string,
    role: string | undefined,
  ): { above: Role; service: string } | undefined => {
    for (const above of ABOVE[role ?? ''] ?? [])
      for (const service of services.get(name) ?? services.get(bareName(name)) ?? [])
        if (!allowed(above).has(service)) return { above, service }
    return undefined
  }
  const found: Diagnostic[] = []
  for (const each of set.attached) {
    yield
    const { role } = each.attachment.to
    for (const [index, name] of policiesOf(each).entries()) {
      const missing = firstMissing(name, role)
      if (missing === undefined) continue
      const { above, service } = missing
      const pointer = Array.isArray(each.attachment.policies) ? `/policies/${index}` : '/policies'
      const message = `${name} allows every ${role ?? ''} something of ${service}, and nothing here allows the role ${above} above it any of that`
      found.push(warningAt('W_LAYER_ABOVE', message, { file: each.file, ...each.placeOf(pointer) }))
    }
  }
  return found
}

/** Boundaries that allow nothing: an account that has one is denied everything. */
const emptyBoundaries = (set: PolicySet): Diagnostic[] => {
  const documents = documentsByName(set)
  return set.attached.flatMap((each) => {
    const { boundary } = each.attachment
    const document = boundary === undefined ? undefined : documents.get(bareName(boundary))
    if (document === undefined || document.Statement.some(({ Effect }) => Effect === 'Allow')) return []
    const message = `${document.Id} allows nothing: as a boundary it denies everything`
    return [warningAt('W_BOUNDARY_WITHOUT_ALLOW', message, { file: each.file, ...each.placeOf('/boundary') })]
  })
}

/** The policy that comes with authctl for each role. */
const OF_ROLES: readonly (readonly [Role, string])[] = [
  ['super-admin', 'authctl:SuperAdmin'],
  ['admin', 'authctl:Admin'],
  ['client', 'authctl:Client'],
  ['sub-client', 'authctl:SubClient'],
  ['user', 'authctl:User'],
]

/** Whether a policy allows something of the daemon's own account routes. */
const allowsOwn = (document: PolicyDocument | undefined): boolean =>
  document?.Statement.some(
    ({ Effect, Action }) =>
      Effect === 'Allow' &&
      listOf<string>(Action ?? []).some((pattern) => pattern === '*' || pattern.startsWith('authctl:')),
  ) === true

/** Roles that a set leaves out while it gives most others the policy that comes with authctl for them. */
const unmanagedRoles = (set: PolicySet): Diagnostic[] => {
  const documents = documentsByName(set)
  const managing = set.attached.filter((each) =>
    OF_ROLES.some(([role, policy]) => isForRole(each, role) && policiesOf(each).includes(policy)),
  )
  const [first] = managing
  if (first === undefined || managing.length * 2 < OF_ROLES.length) return []
  const isServed = (role: Role): boolean =>
    set.attached.some(
      (each) =>
        isForRole(each, role) &&
        policiesOf(each).some((name) => allowsOwn(documents.get(name) ?? documents.get(bareName(name)))),
    )
  return OF_ROLES.filter(([role]) => !isServed(role)).map(([role, policy]) =>
    warningAt('W_ROLE_UNMANAGED', `the role ${role} has neither ${policy} nor one in its place`, {
      file: first.file,
      ...first.placeOf('/to'),
    }),
  )
}

/** What says that an Allow is broad: of no concern in a boundary, which gives nothing. */
const BREADTH: readonly DiagnosticCode[] = [
  'W_STAR_STAR',
  'W_BROAD_ACTION',
  'W_BROAD_RESOURCE',
  'W_SENSITIVE',
  'W_ESCALATION',
]

/** The documents that are attached as boundaries and in no other way. */
const onlyBoundaries = ({ attachments, tests }: PolicySet): ReadonlySet<string> => {
  const all = [...attachments, ...tests.flatMap(({ principals }) => Object.values(principals))]
  const given = new Set(all.flatMap(({ policies = [] }) => listOf<string>(policies)).map(bareName))
  const capping = attachments.flatMap(({ boundary = [] }) => listOf(boundary)).map(bareName)
  return new Set(capping.filter((name) => !given.has(name)))
}

/**
 * What {@link lintSet} says, a document a step: who runs it may let others run between two. `comparisons`
 * bounds what is spent on one document.
 */
export function* lintSetInSteps(
  set: PolicySet,
  { now, comparisons }: { now: number; comparisons?: number },
): Steps<Diagnostic[]> {
  const boundaries = onlyBoundaries(set)
  const ofDocuments: Diagnostic[] = []
  for (const document of set.documents) {
    const found = lintDocument(document, { catalogue: set.catalogue, now, comparisons })
    const isBoundary = boundaries.has(document.document.Id)
    ofDocuments.push(...found.filter(({ code }) => !isBoundary || !BREADTH.includes(code)))
    yield
  }
  if (!areReadable(set)) return ofDocuments
  return [
    ...ofDocuments,
    ...neverAttached(set),
    ...(yield* layersAbove(set)),
    ...emptyBoundaries(set),
    ...unmanagedRoles(set),
  ]
}

/** What is legal in a set and probably not meant. `now` in epoch milliseconds. */
export const lintSet = (set: PolicySet, { now }: { now: number }): Diagnostic[] =>
  finish(lintSetInSteps(set, { now }))
