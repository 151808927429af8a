import * as operations from '../operations.gen.ts'
import { isPage, readPage, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  AccessCheck,
  AccessCheckBatch,
  AccessDecision,
  AccessDecisions,
  Account,
  ExplainedDecision,
  ExplainRequest,
  WhoCanPage,
  WhoCanQuestion,
} from '../types.gen.ts'

/** The operations of questions to the policies. */
export const access = (sender: Sender) => ({
  /**
   * May the caller, or an account that it manages, do this to that? A `principal` that is there and undefined
   * is nobody: `invalid_request`.
   */
  check: (body: AccessCheck, options?: CallOptions): Promise<AccessDecision> =>
    sender.send(operations.accessCheck, { body }, options),
  /** Up to 1,000 checks at once, answered in their order. */
  checkBatch: (body: AccessCheckBatch, options?: CallOptions): Promise<AccessDecisions> =>
    sender.send(operations.accessCheckBatch, { body }, options),
  /** Why a denial was a denial. */
  explain: (body: ExplainRequest, options?: CallOptions): Promise<ExplainedDecision> =>
    sender.send(operations.accessExplain, { body }, options),
  /** The accounts below the caller that may do something; iterate the page to find them all. */
  whoCan: (body: WhoCanQuestion, options?: CallOptions): Promise<Page<Account>> =>
    readPage(
      (cursor) =>
        sender.send<WhoCanPage>(
          operations.accessWhoCan,
          { body: { ...body, cursor }, isOwn: isPage },
          options,
        ),
      body.cursor,
    ),
})
