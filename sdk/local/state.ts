import type { AccountFacts } from '../types.gen.ts'
import {
  accountFacts,
  contextFaults,
  createCatalogue,
  decide,
  heldBy,
  HeldLayers,
  malformedPart,
  namespacesAbove,
  type AccessRequest,
  type Attached,
  type Catalogue,
  type CompiledPolicy,
  type OwnedLayer,
  type Service,
} from './engine.ts'
import type { Question, Unasked, Verdict } from './types.ts'

/** The service that only the daemon decides about: its own. Its context keys are declared by it too. */
const DAEMON = 'authctl'

/** What gives policies to the accounts that have all of its marks. */
export interface MarkedAttachment extends Attached {
  readonly to: readonly string[]
}

/** All that decisions are made by, beside the facts of accounts. */
export interface PolicyContent {
  /** The services whose actions are decided. */
  readonly services: ReadonlySet<string>
  /** By their names, or by what stands for these. */
  readonly policies: ReadonlyMap<string, CompiledPolicy>
  /** By namespace. */
  readonly attachments: ReadonlyMap<string, readonly MarkedAttachment[]>
  /** By namespace, and those of the daemon. */
  readonly declared: ReadonlyMap<string, readonly Service[]>
  /** The accounts above the owner of the application, by their ids. */
  readonly above: ReadonlyMap<string, AccountFacts>
}

/** An account with those above it, from the owner of the application on. */
export interface Lineage {
  /** Top first, the account itself last. */
  readonly accounts: readonly AccountFacts[]
  /** What the state that was asked last has made of it. */
  prepared?: Prepared
}

/** What the policies say. */
export interface Answered {
  readonly decision: Verdict
  readonly reason: Unasked | null
  readonly pointer: string | null
}

type Context = AccessRequest['context']

/** What is known of an account before a question. */
interface Prepared {
  readonly by: PolicyState
  readonly layers: readonly OwnedLayer[]
  readonly catalogue: Catalogue
  readonly caller: Context
  readonly isActive: boolean
  /** What holds where a question says nothing: of the caller, and in this second. */
  otherwise: Context
  second: number
}

const answered = (
  decision: Verdict,
  reason: Unasked | null = null,
  pointer: string | null = null,
): Answered => ({ decision, reason, pointer })

const VERDICTS: Readonly<Record<Verdict, Answered>> = {
  ALLOW: answered('ALLOW'),
  DENY_EXPLICIT: answered('DENY_EXPLICIT'),
  DENY_IMPLICIT: answered('DENY_IMPLICIT'),
}

/** A denial for which no policy was asked. */
export const unasked = (reason: Unasked, pointer: string | null = null): Answered =>
  answered('DENY_IMPLICIT', reason, pointer)

const UNKNOWN_ACTION = unasked('unknown_action')
const UNKNOWN_TYPE = unasked('unknown_resource_type')
const NOT_COVERED = unasked('not_covered')
const NOT_ACTIVE = unasked('not_active')

const otherwiseAt = (prepared: Prepared, now: number): Context => {
  const second = Math.floor(now / 1000)
  if (prepared.second !== second) {
    prepared.second = second
    prepared.otherwise = { ...prepared.caller, 'request.time': second }
  }
  return prepared.otherwise
}

/**
 * The policies of one revision, ready to be asked about accounts. It never changes; what follows from it for
 * an account is kept with its lineage, and forgotten with either.
 */
export class PolicyState {
  readonly content: PolicyContent
  readonly #layers: HeldLayers
  readonly #ofAccount = new WeakMap<AccountFacts, readonly OwnedLayer[]>()
  readonly #catalogues = new Map<string, Catalogue>()

  constructor(content: PolicyContent) {
    this.content = content
    this.#layers = new HeldLayers((name) => content.policies.get(name))
  }

  /** Decides about the last of a lineage at a time, in milliseconds; asks nobody. */
  decide(lineage: Lineage, question: Question, now: number): Answered {
    const asked = this.ask(lineage, question, now)
    return 'layers' in asked ? VERDICTS[decide(asked.layers, asked.request).verdict] : asked
  }

  /** The layers and the request that decide; or the answer, where no policy is asked. */
  ask(
    lineage: Lineage,
    question: Question,
    now: number,
  ): Answered | { readonly layers: readonly OwnedLayer[]; readonly request: AccessRequest } {
    const malformed = malformedPart(question)
    if (malformed !== undefined) return unasked('invalid_question', malformed)
    const { action, resource, context } = question
    if (!this.content.services.has(action.slice(0, action.indexOf(':')))) return NOT_COVERED
    const prepared = this.#prepare(lineage)
    const { layers, catalogue } = prepared
    const declared = catalogue.actions.get(action)
    if (declared === undefined) return UNKNOWN_ACTION
    const [fault] = contextFaults(catalogue, { action, said: context, layers })
    if (fault !== undefined) return unasked('invalid_question', `/context/${fault.key}`)
    if (!declared.resources.includes(resource.slice(0, resource.indexOf('/')))) return UNKNOWN_TYPE
    if (!prepared.isActive) return NOT_ACTIVE
    return { layers, request: { action, resource, context, otherwise: otherwiseAt(prepared, now) } }
  }

  #prepare(lineage: Lineage): Prepared {
    const { accounts, prepared: known } = lineage
    if (known?.by === this) return known
    const account = accounts[accounts.length - 1] as AccountFacts
    const ids = account.path.split('/')
    const above = ids.flatMap((id) => this.content.above.get(id) ?? [])
    const all = [...above, ...accounts]
    const caller = accountFacts('caller', account)
    const prepared: Prepared = {
      by: this,
      layers: all.reduceRight<OwnedLayer[]>((below, each) => [...below, ...this.#layersOf(each)], []),
      catalogue: this.#catalogueOf(account),
      caller,
      otherwise: caller,
      second: -1,
      isActive: all.length === ids.length && all.every(({ status }) => status === 'active'),
    }
    lineage.prepared = prepared
    return prepared
  }

  #layersOf(account: AccountFacts): readonly OwnedLayer[] {
    const known = this.#ofAccount.get(account)
    if (known !== undefined) return known
    const marks = new Set(account.marks)
    const attachedIn = (namespace: string): readonly Attached[] =>
      (this.content.attachments.get(namespace) ?? []).filter(({ to }) => to.every((mark) => marks.has(mark)))
    const layers = this.#layers.of(account, heldBy(account, attachedIn))
    this.#ofAccount.set(account, layers)
    return layers
  }

  /** What may be asked about the account: what is declared above it, and by itself. */
  #catalogueOf(account: AccountFacts): Catalogue {
    const { declared } = this.content
    const declaring = [DAEMON, ...namespacesAbove(account), account.id].filter((name) => declared.has(name))
    const key = declaring.join()
    const known = this.#catalogues.get(key)
    if (known !== undefined) return known
    const catalogue = createCatalogue(declaring.flatMap((name) => declared.get(name) ?? []))
    this.#catalogues.set(key, catalogue)
    return catalogue
  }
}
