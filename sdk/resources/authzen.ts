import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  AuthZenActions,
  AuthZenActionSearch,
  AuthZenDecision,
  AuthZenDecisions,
  AuthZenEntities,
  AuthZenEvaluationRequest,
  AuthZenEvaluationsRequest,
  AuthZenMetadata,
  AuthZenResourceSearch,
  AuthZenSubjectSearch,
} from '../types.gen.ts'

/** The questions of `access`, in the words of AuthZEN 1.0. */
export const authzen = (sender: Sender) => ({
  /** Where AuthZEN is answered. */
  metadata: (options?: CallOptions): Promise<AuthZenMetadata> =>
    sender.send(operations.authzenMetadata, {}, options),
  /** May this subject do that? A denial is an answer. */
  evaluate: (body: AuthZenEvaluationRequest, options?: CallOptions): Promise<AuthZenDecision> =>
    sender.send(operations.authzenEvaluate, { body }, options),
  /** Up to 1,000 questions at once. */
  evaluateMany: (body: AuthZenEvaluationsRequest, options?: CallOptions): Promise<AuthZenDecisions> =>
    sender.send(operations.authzenEvaluateMany, { body }, options),
  /** Who may do this to that? One page; go on until `next_token` is empty. */
  searchSubjects: (body: AuthZenSubjectSearch, options?: CallOptions): Promise<AuthZenEntities> =>
    sender.send(operations.authzenSearchSubjects, { body }, options),
  /** To what may the subject do this? One page; go on until `next_token` is empty. */
  searchResources: (body: AuthZenResourceSearch, options?: CallOptions): Promise<AuthZenEntities> =>
    sender.send(operations.authzenSearchResources, { body }, options),
  /** What may the subject do to that? */
  searchActions: (body: AuthZenActionSearch, options?: CallOptions): Promise<AuthZenActions> =>
    sender.send(operations.authzenSearchActions, { body }, options),
})
