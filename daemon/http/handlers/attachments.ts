import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createAttachments, type AttachmentList } from '../../usecases/policies/attachments.ts'
import { entityTag, type Handlers, type Reply } from '../reply.ts'

const toAttachments = (list: AttachmentList): Reply => ({
  status: 200,
  body: list,
  headers: entityTag(list.revision),
})

/** The handlers of attachments. */
export const createAttachmentHandlers = (deps: Deps) => {
  const attachments = createAttachments(deps)

  return {
    'attachments.get': async ({ caller, query }) =>
      toAttachments(await attachments.get(caller, query.namespace)),

    'attachments.put': async ({ caller, query, text, precondition, origin }) =>
      toAttachments(
        await attachments.put({ principal: caller, namespace: query.namespace, text, precondition, origin }),
      ),
  } satisfies Partial<Handlers<Routes>>
}
