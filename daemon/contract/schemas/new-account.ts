import { Type } from 'typebox'
import { Attributes, Password, PhoneInput, PolicyName, Username } from '../schema.ts'

/** The field that names the account to create under; `prefix` is that of the ids of its role. */
export const parentId = (prefix: string, description: string) =>
  Type.String({ pattern: `^${prefix}_[0-9a-z]{26}$`, description })

/** The name that people see. */
export const name = Type.String({ minLength: 1, maxLength: 200, description: 'Display name' })

const credentials = {
  username: Type.Optional(Username),
  password: Type.Optional(Password),
  number: Type.Optional(PhoneInput),
}

/** The fields of a new account below the top of the tree. */
export const newAccount = {
  name,
  ...credentials,
  email: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
  attributes: Type.Optional(Attributes),
  policies: Type.Optional(
    Type.Array(PolicyName, { maxItems: 20, description: 'Policies to attach, within your own rights' }),
  ),
  boundary: Type.Optional(PolicyName),
  issue_token: Type.Optional(
    Type.Boolean({
      default: true,
      description: 'false: do not sign the new account in; the answer has no `token`',
    }),
  ),
}

/** A username needs a password and the reverse; at least one way to sign in. */
export const credentialRules = {
  dependentRequired: { username: ['password'], password: ['username'] },
  anyOf: [{ required: ['username'] }, { required: ['number'] }],
}
