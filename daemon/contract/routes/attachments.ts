import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed } from '../schema.ts'
import { anyObject, DOCUMENT_BYTES, DOCUMENT_KEYS, NamespaceQuery, textOf } from '../schemas/policy-text.ts'

const Attachments = textOf(
  'Attachments',
  'Who gets which policies and boundaries: `attachments`; the schema is at /schemas/attachments',
  { attachments: [{ to: { role: 'user' }, policies: ['authctl:User'] }] },
)

const AttachmentList = closed(
  {
    namespace: Type.String(),
    revision: Type.String({ description: 'Identifies the state of the namespace; the `ETag`' }),
    attachments: Type.Unsafe<Record<string, unknown>[]>({ type: 'array', items: anyObject }),
  },
  { title: 'AttachmentList' },
)

/** `GET /attachments`. */
export const getAttachments = route({
  operationId: 'attachments.get',
  method: 'GET',
  path: '/attachments',
  tag: 'Policies',
  summary: 'Who gets which policies in a namespace',
  description: 'At the root, the managed policy of each role stands here from the beginning.',
  auth: 'access',
  action: 'authctl:GetAttachments',
  resource: 'account/${caller.path}',
  query: closed({ namespace: NamespaceQuery }),
  responses: { 200: { description: 'The attachments', schema: AttachmentList } },
  errors: ['not_found'],
})

/** `PUT /attachments`. */
export const putAttachments = route({
  operationId: 'attachments.put',
  method: 'PUT',
  path: '/attachments',
  tag: 'Policies',
  summary: 'Replace the attachments of a namespace',
  description:
    'They select accounts below its owner by id, username, role, or role and attributes. Nothing can be given that you may not do yourself.',
  auth: 'access',
  action: 'authctl:PutAttachments',
  resource: 'account/${caller.path}',
  query: closed({ namespace: NamespaceQuery }),
  body: Attachments,
  precondition: true,
  maxBodyBytes: DOCUMENT_BYTES,
  maxBodyKeys: DOCUMENT_KEYS,
  responses: { 200: { description: 'Replaced', schema: AttachmentList } },
  errors: [
    'not_found',
    'policy_invalid',
    'exceeds_ceiling',
    'limit_reached',
    'would_lock_out',
    'invariant_broken',
    'approval_required',
  ],
})
