import { isOfAccount, type Context } from '../../../policies/index.ts'
import type { AccountId, KnownAccount } from '../../domain/account.ts'
import { namesApplication, sessionPoliciesOf, type Application } from '../../domain/application.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { callerIdOf, type Lineage, type Principal } from '../../domain/session.ts'
import { maySee } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'
import type { ForeignQuestion, Question } from './answer.ts'
import { catchUp, layersOf, type Authorize } from './authorize.ts'
import { requireDeclared, withoutForeign } from './question-context.ts'
import { seesOwner } from './target.ts'

/** Who asks, and where the request comes from. */
export interface Asking {
  readonly principal: Principal
  readonly origin: RequestOrigin
}

/** Finds whom a question is about, and under which circumstances it is asked. */
export const createSubjects = ({
  store,
  clock,
  policies,
  authorize,
}: Pick<Deps, 'store' | 'clock' | 'policies'> & { readonly authorize: Authorize }) => {
  const lineageOf = async (
    account: KnownAccount,
    narrowed: Pick<Lineage, 'application' | 'sessionPolicies'> = {},
  ): Promise<Lineage> => {
    const above = account.parentId === null ? [] : await store.accounts.getLineage(account.path)
    const lineage = { account, ancestors: above.slice(0, -1), ...narrowed }
    await catchUp(policies, lineage)
    return lineage
  }

  const requireAsked = ({ principal, origin }: Asking, { path }: Pick<KnownAccount, 'path'>): void =>
    authorize({ principal, action: 'authctl:CheckAccess', resource: `account/${path}`, origin })

  /**
   * An application as it acts by a token without a scope. One whose owner the caller does not see is not
   * there.
   */
  const actingOf = async (asking: Asking, application: Application | undefined): Promise<Lineage> => {
    if (application === undefined || !seesOwner(asking.principal, application)) return notFound()
    const owner = (await store.accounts.get(application.ownerId)) ?? notFound()
    requireAsked(asking, owner)
    return lineageOf(owner, { application, sessionPolicies: sessionPoliciesOf(application, undefined) })
  }

  /**
   * The account that is asked about, with those above it, or the application, with its owner and those above
   * that. One that the caller does not see is not there; another than itself needs a right.
   */
  const subjectOf = async (asking: Asking, id: string | undefined): Promise<Lineage> => {
    const { principal } = asking
    if (id === undefined || id === principal.account.id || id === callerIdOf(principal)) return principal
    if (namesApplication(id)) return actingOf(asking, await store.applications.get(id))
    const account = await store.accounts.get(id as AccountId)
    if (account === undefined || !maySee(principal.account, account)) return notFound()
    requireAsked(asking, account)
    return lineageOf(account)
  }

  /**
   * The context of a question: what the server knows, and what the asker may say. About itself it may not say
   * where it asks from, or when.
   */
  const contextOf = (
    snapshot: PolicySnapshot,
    { principal, origin }: Asking,
    { subject, question }: { subject: Lineage; question: Question },
  ): Context => {
    const { account } = subject
    const { action, context: said = {} } = question
    const isSelf = subject === principal
    const own = requestContext(account, { ip: isSelf ? origin.ip : null, now: clock.now() })
    const refusedKey = Object.keys(said).find(
      // Caller and circumstances are what the server knows: who asks about itself says nothing of them.
      (key) => isOfAccount(key) || (isSelf && key.startsWith('request.')),
    )
    if (refusedKey !== undefined)
      throw new Failure('invalid_request', {
        errors: [
          {
            pointer: `/context/${refusedKey}`,
            code: 'context',
            detail: 'The server says this, not the asker.',
          },
        ],
      })
    requireDeclared(snapshot.catalogueOf(account), { action, said, layers: layersOf(snapshot, subject) })
    return { ...own, ...said }
  }

  /** The question about a subject, without what it says of services that the subject does not know. */
  const knownOf = (
    snapshot: PolicySnapshot,
    { account }: Lineage,
    { action, resource, ...said }: ForeignQuestion,
  ): Question => ({
    action,
    resource,
    context: withoutForeign(snapshot.catalogueOf(account), { resource, ...said }),
  })

  return { lineageOf, subjectOf, contextOf, knownOf }
}
