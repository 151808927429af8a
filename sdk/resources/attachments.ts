import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { AttachmentList, Attachments, AttachmentsGetQuery } from '../types.gen.ts'

/** The operations of attachments. */
export const attachments = (sender: Sender) => ({
  /** Who gets which policies in a namespace. */
  get: (query: AttachmentsGetQuery = {}, options?: CallOptions): Promise<AttachmentList> =>
    sender.send(operations.attachmentsGet, { query }, options),
  /** Replaces the attachments of a namespace; `ifMatch` is the `revision` that was read. */
  put: (
    body: Attachments | string,
    options: CallOptions & AttachmentsGetQuery & { readonly ifMatch: string },
  ): Promise<AttachmentList> => {
    const { namespace, ...rest } = options
    return sender.send(operations.attachmentsPut, { query: { namespace }, body }, rest)
  },
})
