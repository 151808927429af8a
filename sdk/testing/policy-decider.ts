import { ArgumentError } from '../errors.ts'
import { compilePolicy, type Service, type Statement } from '../local/engine.ts'
import { Lineage } from '../local/lineage.ts'
import type { MarkedAttachment } from '../local/standing.ts'
import { decisionOf, PolicyState, undecided } from '../local/state.ts'
import type { Asked, LocalDecision } from '../local/types.ts'
import type { AccountFacts } from '../types.gen.ts'
import type { AttachmentRow, PolicySet, TestPrincipal } from './policy-set.ts'

/** What decides in a test: the policies of a folder, and accounts by their names. */
export interface PolicyDeciderOptions extends PolicySet {
  readonly principals: Readonly<Record<string, TestPrincipal>>
  /** The time of the requests in milliseconds since 1970. Default `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Decides by the daemon's own engine, for guards: `authctl({ issuer, decider })`. */
export interface PolicyDecider {
  readonly can: (...asked: Asked) => boolean
  /** The same, with why no policy was asked, if none was. */
  readonly decide: (...asked: Asked) => LocalDecision
  readonly check: (...asked: Asked) => Promise<LocalDecision>
}

const REVISION = 'test'
const ROOT = 'root'

/** A policy of the folder by its short name, or any by its full one. */
const fullName = (name: string): string => (/[/:]/.test(name) ? name : `${ROOT}/${name}`)

const markOf = (name: string, value: unknown): string => `${name}=${JSON.stringify(value)}`

const marksOf = (id: string, { role, attributes = {} }: TestPrincipal): string[] => [
  markOf('id', id),
  markOf('username', id),
  markOf('role', role),
  ...Object.entries(attributes).map(([name, value]) => markOf(`attribute ${name}`, value)),
]

/** An attachment for each way to have one of the values of every attribute that it names. */
const markedOf = ({ to, policies = [], boundary }: AttachmentRow): MarkedAttachment[] => {
  const { attributes = {}, ...whom } = to
  const fixed = Object.entries(whom).map(([name, value]) => markOf(name, value))
  const ways = Object.entries(attributes).reduce<string[][]>(
    (all, [name, values]) =>
      all.flatMap((marks) => [values].flat().map((value) => [...marks, markOf(`attribute ${name}`, value)])),
    [fixed],
  )
  const names = [policies].flat().map(fullName)
  const bound = boundary === undefined ? null : fullName(boundary)
  return ways.map((marks) => ({ to: marks, policies: names, boundary: bound }))
}

const stateOf = ({ documents, services, attachments }: PolicySet): PolicyState =>
  new PolicyState({
    services: new Set(services.map(({ service }) => service)),
    policies: new Map(
      documents.map(({ Id, Statement }) => {
        const name = fullName(Id)
        return [name, compilePolicy({ Statement: Statement as readonly Statement[] }, { name, hash: Id })]
      }),
    ),
    attachments: new Map([[ROOT, attachments.flatMap(markedOf)]]),
    declared: new Map([[ROOT, services as readonly Service[]]]),
    above: new Map(),
  })

/** An account and those above it, top first. */
const lineageOf = (principals: PolicyDeciderOptions['principals'], id: string): AccountFacts[] => {
  const lineage: AccountFacts[] = []
  for (let name: string | undefined = id; name !== undefined;) {
    const principal: TestPrincipal | undefined = principals[name]
    if (principal === undefined)
      throw new ArgumentError(`${id} stands below ${name}, who is not among the principals`)
    if (lineage.some((below) => below.id === name)) throw new ArgumentError(`${name} stands above itself`)
    const { role, status = 'active', attributes = {}, policies = [], boundary } = principal
    lineage.unshift({
      id: name,
      path: name,
      role,
      status,
      attributes,
      policies: policies.map(fullName),
      boundary: boundary === undefined ? null : fullName(boundary),
      marks: marksOf(name, principal),
      version: 1,
    })
    name = principal.creator
  }
  return lineage.map((account, index) => ({
    ...account,
    path: lineage
      .slice(0, index + 1)
      .map((each) => each.id)
      .join('/'),
  }))
}

/**
 * Makes a decider of the policies of a folder, in memory, by the daemon's own engine. The principals are
 * accounts of the test; about others nothing is allowed. A policy that is named and not there denies.
 */
export const createPolicyDecider = ({
  principals,
  now = Date.now,
  ...set
}: PolicyDeciderOptions): PolicyDecider => {
  const state = stateOf(set)
  const lineages = new Map<string, Lineage>(
    Object.keys(principals).map((id) => [id, new Lineage(lineageOf(principals, id))]),
  )

  const decide = (...[principal, action, resource, context = {}]: Asked): LocalDecision => {
    const lineage = lineages.get(principal)
    const question = { principal, action, resource, context }
    const answered = lineage === undefined ? undecided('not_loaded') : state.decide(lineage, question, now())
    return decisionOf(answered, REVISION, 0)
  }
  return {
    decide,
    can: (...asked) => decide(...asked).allowed,
    check: async (...asked) => decide(...asked),
  }
}
