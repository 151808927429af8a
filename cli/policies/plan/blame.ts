import type { AuthctlClient } from '@authctl/sdk'
import { allowsAbout, type PolicyObject } from '../../../policies/plan/index.ts'
import { revisionsBefore } from './blamed.ts'
import { readHead, type FullRevision } from './objects.ts'

/** A question: what first allowed this? */
export interface Blamed {
  readonly action: string
  readonly resource: string
}

/** A policy that allows it today, and the revision that began to. */
export interface Blame {
  readonly policy: string
  readonly statement: string
  readonly source: string | null
  /** Null: from before the history that is kept. */
  readonly since: Pick<FullRevision, 'number' | 'created_at' | 'actor' | 'event' | 'commit'> | null
}

interface Allowing {
  readonly name: string
  readonly statement: string
  readonly source: string | null
}

const documentIn = ({ objects }: FullRevision, name: string) =>
  objects.find(
    (each): each is Extract<PolicyObject, { kind: 'document' }> =>
      each.kind === 'document' && each.name === name,
  )

const allowingIn = (revision: FullRevision, name: string, asked: Blamed): Allowing | undefined => {
  const document = documentIn(revision, name)
  const [first] = document === undefined ? [] : allowsAbout(document.value, asked)
  if (document === undefined || first === undefined) return undefined
  const { statement, index } = first
  return { name, statement: statement.Sid ?? `statement ${index}`, source: document.origin?.source ?? null }
}

/**
 * The policies of a namespace that allow something today, each with the revision since which it does without
 * a break. `only`: the policies that are looked at.
 */
export const blameIn = async (
  client: AuthctlClient,
  {
    namespace,
    asked,
    only,
  }: { namespace: string | undefined; asked: Blamed; only?: ReadonlySet<string> | undefined },
): Promise<Blame[]> => {
  const head = await readHead(client, namespace)
  if (head === undefined) return []
  const allowing = head.objects
    .filter(({ kind, name }) => kind === 'document' && (only === undefined || only.has(name)))
    .flatMap(({ name }) => allowingIn(head, name, asked) ?? [])
  const since = new Map<string, FullRevision>()
  const sought = new Set(allowing.map(({ name }) => name))
  let later = head
  if (sought.size > 0)
    for await (const earlier of revisionsBefore(client, head, namespace)) {
      for (const name of sought)
        if (allowingIn(earlier, name, asked) === undefined) {
          since.set(name, later)
          sought.delete(name)
        }
      later = earlier
      if (sought.size === 0) break
    }
  // The oldest revision there was: what is in it came with it.
  if (later.number === 1) for (const name of sought) since.set(name, later)
  return allowing.map(({ name, statement, source }) => ({
    policy: `${head.namespace}/${name}`,
    statement,
    source,
    since: since.get(name) ?? null,
  }))
}

const splitName = (full: string): [namespace: string, name: string] => {
  const slash = full.indexOf('/')
  return [full.slice(0, slash), full.slice(slash + 1)]
}

/** The policies that allow something to one account today, by namespace; managed ones are of no history. */
export const allowingPolicies = async (
  client: AuthctlClient,
  { principal, ...asked }: Blamed & { principal: string },
): Promise<{ decision: string; byNamespace: Map<string, Set<string>>; managed: string[] }> => {
  const { decision, explanation } = await client.access.check({ ...asked, principal, explain: true })
  const names = (explanation?.layers ?? [])
    .flatMap(({ matched }) => matched)
    .filter(({ effect }) => effect === 'Allow')
    .map(({ policy }) => policy)
  const byNamespace = new Map<string, Set<string>>()
  for (const full of names.filter((name) => name.includes('/'))) {
    const [namespace, name] = splitName(full)
    byNamespace.set(namespace, (byNamespace.get(namespace) ?? new Set<string>()).add(name))
  }
  return { decision, byNamespace, managed: [...new Set(names.filter((name) => !name.includes('/')))] }
}
