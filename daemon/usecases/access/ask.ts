import { type Context, explain, type Explanation } from '../../../policies/index.ts'
import type { KnownAccount, Role } from '../../domain/account.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Lineage } from '../../domain/session.ts'
import { lineageIds, maySee } from '../../domain/tree.ts'
import type { AccountPosition } from '../../ports/stores/index.ts'
import { actorFields } from '../audit.ts'
import { createBreather } from '../breather.ts'
import { layersOf, type Authorize } from './authorize.ts'
import { answer, reason, type Answer, type ForeignQuestion, type Question } from './answer.ts'
import { openDecision, sealDecision } from './decision-id.ts'
import { createRecordDecision } from './record.ts'
import type { Deps } from '../deps.ts'
import { createFilterAccounts, dominatedBy, type AccountPage } from '../accounts/list.ts'
import { isDeclaredBelow, requireDeclared, unknownAction, withoutForeign } from './question-context.ts'
import { createSubjects, type Asking } from './subject.ts'

/** How many accounts one who-can call decides about, at most. */
const MAX_DECIDED = 1000

/** Why a question is decided as it is, and by which state of the policies. */
export type Explained = Explanation & { readonly revisions: ReturnType<PolicySnapshot['revisionsFor']> }

const explained = (
  snapshot: PolicySnapshot,
  lineage: Lineage,
  { question, asker }: { question: Question & { context: Context }; asker: KnownAccount },
): Explained => {
  const { account, ancestors } = lineage
  const seen = new Set(
    [account, ...ancestors].filter((each) => maySee(asker, each)).map(({ id }) => String(id)),
  )
  return {
    ...explain(layersOf(snapshot, lineage), question, ({ principal }) =>
      seen.has(String(principal['principal.id'])),
    ),
    revisions: snapshot.revisionsFor(account),
  }
}

/** What answering questions needs. */
export type AccessDeps = Pick<
  Deps,
  'store' | 'clock' | 'policies' | 'vault' | 'audit' | 'meter' | 'recorder' | 'uses' | 'shadow'
> & {
  readonly authorize: Authorize
}

/** What applications ask: the same evaluator, over the same layers, as guards the daemon itself. */
export const createAccess = (deps: AccessDeps) => {
  const { store, clock, policies, vault, audit, meter, authorize, uses, shadow } = deps
  const filter = createFilterAccounts(deps)
  const recordDecision = createRecordDecision(deps)
  const { lineageOf, subjectOf, contextOf, knownOf } = createSubjects(deps)

  const requireExplain = ({ principal, origin }: Asking, { account }: Lineage): void =>
    authorize({ principal, action: 'policies:Explain', resource: `account/${account.path}`, origin })

  /** A denial is counted, and recorded under the id by which it can be explained. */
  const idOf = (
    asking: Asking,
    { account, application, sessionPolicies }: Lineage,
    { action, resource, context }: Question,
    { decision }: Answer,
  ) => {
    if (decision === 'ALLOW') return null
    meter.countDenials('questions', 1)
    const [accountId, applicationId] = [account.id, application?.id]
    const decided = { accountId, applicationId, sessionPolicies, context: context ?? {}, verdict: decision }
    const decisionId = sealDecision(vault, { action, resource, ...decided })
    audit.record({
      event: 'access-checked',
      outcome: 'failure',
      reason: `${decision} ${action} on ${resource}`,
      decisionId,
      ...actorFields(asking.principal, asking.origin),
      targetId: applicationId ?? accountId,
    })
    return decisionId
  }

  /** Answers what is to be answered and kept: what policies have decided, and nothing else. */
  const answerKept = (
    snapshot: PolicySnapshot,
    lineage: Lineage,
    { question, said }: { question: Question & { context: Context }; said: Context | undefined },
  ): Answer => {
    const { answer: answered, allowing } = reason(snapshot, lineage, question)
    const { account, sessionPolicies } = lineage
    if (answered.allowed) uses.note(allowing)
    if (answered.reason !== null) return answered
    const made = { account, sessionPolicies, ...question, verdict: answered.decision, snapshot }
    recordDecision({ ...made, said: said ?? {} })
    shadow.compare(made, (other) => layersOf(other, lineage))
    return answered
  }

  /**
   * Decides one question, with the reasons if they are asked for and may be. What it says of services that
   * the subject does not know is refused, or passed over. Throws `not_found`, `forbidden`, `invalid_request`.
   */
  const check = async (
    asking: Asking & {
      subject: string | undefined
      question: ForeignQuestion
      isExplained: boolean
      passesOverForeign?: boolean
    },
  ): Promise<Answer & { decisionId: string | null; explanation?: Explained }> => {
    const lineage = await subjectOf(asking, asking.subject)
    if (asking.isExplained) requireExplain(asking, lineage)
    const snapshot = policies.current()
    const asked =
      asking.passesOverForeign === true ? knownOf(snapshot, lineage, asking.question) : asking.question
    const context = contextOf(snapshot, asking, { subject: lineage, question: asked })
    const question = { ...asked, context }
    const answered = answerKept(snapshot, lineage, { question, said: asked.context })
    const explanation = asking.isExplained
      ? { explanation: explained(snapshot, lineage, { question, asker: asking.principal.account }) }
      : {}
    return { ...answered, decisionId: idOf(asking, lineage, question, answered), ...explanation }
  }

  /**
   * Decides many questions by one state of the policies, in their order. One account that the caller does not
   * see refuses them all.
   */
  const checkBatch = async (
    asking: Asking & { questions: readonly (Question & { principal?: string | undefined })[] },
  ): Promise<Answer[]> => {
    const subjects = new Map<string | undefined, Lineage>()
    for (const { principal: id } of asking.questions)
      if (!subjects.has(id)) subjects.set(id, await subjectOf(asking, id))
    const snapshot = policies.current()
    const breathe = createBreather()
    const answers: Answer[] = []
    for (const { principal: id, ...question } of asking.questions) {
      await breathe()
      const lineage = subjects.get(id) ?? notFound()
      const context = contextOf(snapshot, asking, { subject: lineage, question })
      const said = question.context
      answers.push(answerKept(snapshot, lineage, { question: { ...question, context }, said }))
    }
    meter.countDenials('questions', answers.filter(({ allowed }) => !allowed).length)
    return answers
  }

  /**
   * Decides the question of a denial again, with the reasons, as things stand now. Throws `not_found` for an
   * id of no account that the caller sees.
   */
  const explainDenial = async (asking: Asking & { decisionId: string }) => {
    const decided = openDecision(vault, asking.decisionId) ?? notFound()
    const { accountId, applicationId, verdict, sessionPolicies, ...question } = decided
    const account = await store.accounts.get(accountId)
    if (account === undefined || !maySee(asking.principal.account, account)) return notFound()
    const application = applicationId && {
      id: applicationId,
      status: (await store.applications.get(applicationId))?.status ?? 'disabled',
    }
    const lineage = await lineageOf(account, { application, sessionPolicies })
    requireExplain(asking, lineage)
    const context = { ...requestContext(account, { ip: null, now: clock.now() }), ...question.context }
    const snapshot = policies.current()
    const answered = answer(snapshot, lineage, { ...question, context })
    const asker = asking.principal.account
    const explanation = explained(snapshot, lineage, { question: { ...question, context }, asker })
    return {
      ...question,
      principal: applicationId ?? accountId,
      decided: verdict,
      now: { ...answered, decisionId: null, explanation },
    }
  }

  /** The accounts below the caller that may do something, found by deciding for each. */
  const whoCan = async (
    asking: Asking & {
      question: ForeignQuestion
      role?: Role | undefined
      after: AccountPosition | undefined
      limit: number
      passesOverForeign?: boolean
    },
  ): Promise<AccountPage> => {
    const { principal, question, role, after, limit, passesOverForeign = false } = asking
    const snapshot = policies.current()
    if (!isDeclaredBelow(snapshot, principal.account, question.action))
      throw new Failure('invalid_request', {
        errors: [unknownAction(snapshot, principal.account, question.action)],
      })
    const above = new Map<string, KnownAccount>(
      [principal.account, ...principal.ancestors].map((each) => [each.id, each]),
    )
    const query = {
      ...dominatedBy(principal.account),
      ...(role && { role }),
      ...(after && { after }),
      limit,
    }
    // Parents are older than their children: the list brings most of them, and the rest is read once.
    const parents = async (account: KnownAccount): Promise<void> => {
      const missing = lineageIds(account.path)
        .slice(0, -1)
        .some((id) => !above.has(id))
      if (missing) for (const each of await store.accounts.getLineage(account.path)) above.set(each.id, each)
      above.set(account.id, account)
    }
    const may = (account: KnownAccount): boolean => {
      const ancestors = lineageIds(account.path)
        .slice(0, -1)
        .flatMap((id) => above.get(id) ?? [])
      const { action } = question
      const catalogue = snapshot.catalogueOf(account)
      const said = passesOverForeign ? withoutForeign(catalogue, question) : (question.context ?? {})
      const layers = layersOf(snapshot, { account, ancestors })
      requireDeclared(catalogue, { action, said, layers })
      const context = { ...requestContext(account, { ip: null, now: clock.now() }), ...said }
      return answer(snapshot, { account, ancestors }, { ...question, context }).allowed
    }
    return filter(query, { prepare: parents, isWanted: may, maxExamined: MAX_DECIDED })
  }

  return { check, checkBatch, explainDenial, whoCan }
}
