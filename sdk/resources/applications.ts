import * as operations from '../operations.gen.ts'
import { listPages, type Page } from '../page.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  Application,
  ApplicationChanges,
  ApplicationReply,
  ApplicationsListQuery,
  ApplicationWithKey,
  Detail,
  NewApplication,
  ServiceKeyRotation,
} from '../types.gen.ts'

/** The operations of applications and their service keys. */
export const applications = (sender: Sender) => ({
  /** Those of the caller and of accounts below it, oldest first; iterate the page to read them all. */
  list: (query?: ApplicationsListQuery, options?: CallOptions): Promise<Page<Application>> =>
    listPages(sender, operations.applicationsList, query, options),
  /** A new one; only this answer holds its service key. */
  create: (body: NewApplication, options?: CallOptions): Promise<ApplicationWithKey> =>
    sender.send(operations.applicationsCreate, { body }, options),
  /** One application of the caller or of an account below it. */
  get: (id: string, options?: CallOptions): Promise<Application> =>
    sender.send(operations.applicationsGet, { params: { id } }, options),
  /** Renames, narrows, disables or enables it, from the next request on. */
  update: (id: string, body: ApplicationChanges, options?: CallOptions): Promise<ApplicationReply> =>
    sender.send(operations.applicationsUpdate, { params: { id }, body }, options),
  /** A new service key, which only this answer holds; the one before ends after the overlap. */
  rotate: (id: string, body: ServiceKeyRotation = {}, options?: CallOptions): Promise<ApplicationWithKey> =>
    sender.send(operations.applicationsRotate, { params: { id }, body }, options),
  /** Ends its keys and its tokens. */
  delete: (id: string, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.applicationsDelete, { params: { id } }, options),
})
