/** The elements of each kind of object in the order in which they are written. */
const ORDERS: readonly (readonly string[])[] = [
  ['$schema', 'Version', 'Id', 'Description', 'Statement'],
  ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
  ['$schema', 'set', 'description'],
  ['set', 'services', 'documents', 'attachments'],
  ['$schema', 'service', 'description', 'actions', 'resource_types', 'context_keys'],
  ['resources', 'keys', 'sensitive', 'replaced_by', 'description'],
  ['type', 'always', 'private', 'description'],
  ['private', 'description'],
  ['$schema', 'attachments'],
  ['to', 'policies', 'boundary'],
  ['id', 'username', 'role', 'attributes'],
  ['$schema', 'invariant', 'description', 'neverGrants', 'alwaysGrants', 'onlyBy', 'needsApproval'],
  ['to', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
  ['$schema', 'principals', 'cases', 'matrices', 'whoCan'],
  ['role', 'creator', 'attributes', 'policies', 'boundary'],
  ['name', 'principals', 'actions', 'resources', 'context', 'clock', 'expect', 'statement', 'layer', 'allow'],
  ['name', 'action', 'resource', 'context', 'clock', 'principals'],
]

/**
 * The order in which the elements of an object of a policy file are written; undefined for what is no object
 * of elements, such as the actions of a service: it stays as it is.
 */
export const keyOrder = (keys: readonly string[]): readonly string[] | undefined =>
  ORDERS.find((order) => keys.every((key) => order.includes(key)))
