import { compilePolicy, type CompiledPolicy } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import type { OwnedLayer } from '../engine/decide.ts'
import { accountFacts, type Subject } from '../engine/facts.ts'
import { HeldLayers } from '../engine/held.ts'
import type { Attachment, Selector } from '../language.ts'
import { MANAGED_POLICIES } from '../managed.ts'
import type { PolicySet } from '../set/read.ts'
import type { TestFile, TestPrincipal } from '../set/tests.ts'

/** An account of a test with its place in the tree. The name in the file is its id and its username. */
export interface Person extends TestPrincipal {
  readonly name: string
  /** Names from the top of the tree to this one, joined by `/`. */
  readonly path: string
  /** Those above, nearest first. */
  readonly above: readonly Person[]
}

/**
 * The accounts of a file of tests by name. The validator has seen to it that nobody stands above themselves.
 */
export const peopleOf = ({ principals }: TestFile): ReadonlyMap<string, Person> => {
  const people = new Map<string, Person>()
  const personOf = (name: string): Person => {
    const known = people.get(name)
    if (known !== undefined) return known
    const principal = principals[name] ?? { role: 'user' }
    const creator = principal.creator === undefined ? undefined : personOf(principal.creator)
    const person: Person = {
      ...principal,
      name,
      path: creator === undefined ? name : `${creator.path}/${name}`,
      above: creator === undefined ? [] : [creator, ...creator.above],
    }
    people.set(name, person)
    return person
  }
  for (const name of Object.keys(principals)) personOf(name)
  return people
}

const subjectOf = ({ name, role, path, attributes = {} }: Person): Subject => ({
  id: name,
  role,
  path,
  attributes,
})

/** `caller.*` of a question. */
export const callerFacts = (person: Person): Readonly<Record<string, string | number | boolean>> =>
  accountFacts('caller', subjectOf(person))

/** As the daemon selects: by role and attributes, by username whatever its case, by id. */
const selects = ({ id, username, role, attributes = {} }: Selector, person: Person): boolean => {
  if (id !== undefined) return id === person.name
  if (username !== undefined) return username.toLowerCase() === person.name.toLowerCase()
  return (
    role === person.role &&
    Object.entries(attributes).every(
      ([name, wanted]) =>
        person.attributes !== undefined &&
        Object.hasOwn(person.attributes, name) &&
        String(person.attributes[name]) === String(wanted),
    )
  )
}

/** The compiled policies of a set, and who has which. */
export interface World {
  readonly policies: ReadonlyMap<string, CompiledPolicy>
  readonly attachments: readonly Attachment[]
  /** The layers of an account and of all above it, its own first: what the daemon asks. */
  readonly layersOf: (person: Person) => readonly OwnedLayer[]
}

/** A name of this set without its namespace: only the daemon knows in which one the set is applied. */
const bareName = (name: string): string => name.slice(name.lastIndexOf('/') + 1)

const createFind =
  (policies: ReadonlyMap<string, CompiledPolicy>) =>
  (name: string): CompiledPolicy | undefined =>
    policies.get(name) ?? policies.get(bareName(name))

const attachedTo = (attachments: readonly Attachment[], person: Person) => {
  const selected = attachments.filter(({ to }) => selects(to, person))
  const boundaries = [...selected.map(({ boundary }) => boundary), person.boundary]
  return {
    policies: [
      ...new Set([
        ...selected.flatMap(({ policies = [] }) => listOf(policies)),
        ...listOf<string>(person.policies ?? []),
      ]),
    ],
    boundaries: [...new Set(boundaries.filter((name) => name !== undefined))],
  }
}

/** A world of these policies. Layers are made when they are first asked for, and kept. */
const worldOf = (
  policies: ReadonlyMap<string, CompiledPolicy>,
  attachments: readonly Attachment[],
): World => {
  const layers = new HeldLayers(createFind(policies))
  const ofPeople = new Map<Person, readonly OwnedLayer[]>()
  const ownLayers = (person: Person): OwnedLayer[] =>
    layers.of(subjectOf(person), attachedTo(attachments, person))
  const layersOf = (person: Person): readonly OwnedLayer[] => {
    const known = ofPeople.get(person)
    if (known !== undefined) return known
    const all = [person, ...person.above].flatMap(ownLayers)
    ofPeople.set(person, all)
    return all
  }
  return { policies, attachments, layersOf }
}

/** The world that a set makes once it is in force, with the policies that come with authctl. */
export const createWorld = ({ documents, attachments }: PolicySet): World => {
  const managed = MANAGED_POLICIES.map((document) => ({ document, name: `authctl:${document.Id}` }))
  const own = documents.map(({ document, writtenAt }) => ({ document, name: document.Id, writtenAt }))
  const policies = [...managed, ...own].map(
    ({ document, ...as }) => [as.name, compilePolicy(document, { hash: '', ...as })] as const,
  )
  return worldOf(new Map(policies), attachments)
}

/** The same world with another policy in the place of one. */
export const withPolicy = ({ policies, attachments }: World, policy: CompiledPolicy): World =>
  worldOf(new Map(policies).set(policy.name, policy), attachments)
