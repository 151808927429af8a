import { Type } from 'typebox'
import { closed, NAMESPACE } from '../schema.ts'
import { anyObject } from './policy-text.ts'

/** How long a text of a request may be that names an object, a folder or a file. */
const NAME_LENGTH = 512
const MAX_FILES = 2500
const FILE_LENGTH = 80 * 1024

/** Files of a set with room for a thousand documents, and a plan of them. */
export const SET_BYTES = 8 * 1024 * 1024
/** A plan repeats what it changes, before and after. */
export const SET_KEYS = 500_000

const name = Type.String({ minLength: 1, maxLength: NAME_LENGTH })
const most = (what: string) =>
  Type.Optional(
    Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      default: null,
      description: `At most so many ${what}; null: any number`,
    }),
  )

const LimitsRequest = closed(
  {
    max_gain: most('accounts that gain a right'),
    max_lose: most('accounts that lose a right'),
    max_deletes: most('objects deleted'),
  },
  { title: 'PlanLimitsRequest' },
)

const asked = {
  namespace: Type.Optional(
    Type.String({
      pattern: `^${NAMESPACE}$`,
      description: 'Whose: `root`, or the id of an admin or client. Your own, if you name none.',
    }),
  ),
  allow_lockout: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Also a change after which you could not make the reverse',
    }),
  ),
  limits: Type.Optional(LimitsRequest),
}

/** The pattern of the name of a set. */
const SET_NAME = '^[a-z0-9][a-z0-9._-]{0,63}$'

/** What is asked of a set. */
export const setFields = {
  ...asked,
  set: Type.String({ pattern: SET_NAME, description: 'As `authctl.json` names it', examples: ['acme'] }),
  directory: Type.Optional(
    Type.String({
      pattern: '^(?!/)(?!.*(?:^|/)\\.\\.(?:/|$))[^\\\\\\u0000-\\u001f]{1,512}$',
      maxLength: NAME_LENGTH,
      default: '.',
      description: 'The folder of the set, relative to the root of the repository',
      examples: ['policies'],
    }),
  ),
  commit: Type.Optional(
    Type.Unsafe<string | null>({
      type: ['string', 'null'],
      pattern: '^[0-9a-f]{7,64}$',
      default: null,
      description: 'The git commit of the files',
      examples: ['4f1d2c9a7be0358d6c1f0a9e2b7d4c5e8f6a1b30'],
    }),
  ),
  dirty: Type.Optional(
    Type.Boolean({ default: false, description: 'Whether the files differ from that commit' }),
  ),
  prune: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Delete the objects of this set that its files do not have any more',
    }),
  ),
  prune_used: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'With `prune`: also those by which something was allowed in the last seven days',
    }),
  ),
  adopt: Type.Optional(
    Type.Array(name, {
      maxItems: 1000,
      default: [],
      description: 'Objects that the set takes over, as `kind/name`: `document/shop-reader`',
    }),
  ),
  files: Type.Array(closed({ path: name, text: Type.String({ maxLength: FILE_LENGTH }) }), {
    minItems: 1,
    maxItems: MAX_FILES,
    description: 'Every file of the folder, by its path inside it, with `/`',
    examples: [
      [
        { path: 'authctl.json', text: '{"set": "acme"}' },
        {
          path: 'documents/place-readers.json',
          text: '{"Version": "authctl/1", "Id": "place-readers", "Statement": [{"Effect": "Allow", "Action": "places:List", "Resource": "place/*"}]}',
        },
      ],
    ],
  }),
}

/** The body of a plan: a set. */
export const PlanRequest = closed(setFields, { title: 'PlanRequest' })

/** The body of an apply: a set, and the plan of it, if there is one. */
export const ApplyRequest = closed(
  {
    ...setFields,
    plan: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        ...anyObject,
        description:
          'What `POST /policies/plan` answered about these files and options, unchanged: then only that is applied',
      }),
    ),
    shadow: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Not in force, but beside it: compared on live requests until it is promoted or dropped',
      }),
    ),
    approval: Type.Optional(
      Type.Unsafe<Record<string, unknown>>({
        ...anyObject,
        description: 'What `POST /policies/approve` answered another account about this plan, unchanged',
      }),
    ),
  },
  { title: 'ApplyRequest' },
)

/** The body of a promotion. */
export const PromoteRequest = closed(
  {
    ...asked,
    dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Only the plan of it' })),
  },
  { title: 'PromoteRequest', examples: [{ dry_run: true }] },
)

/** The body of an approval: a plan of another account. */
export const ApproveRequest = closed(
  {
    plan: Type.Unsafe<Record<string, unknown>>({
      ...anyObject,
      description: 'What `POST /policies/plan` answered another account, unchanged',
    }),
  },
  { title: 'ApproveRequest' },
)

/** A revision by its id or its number. */
export const RevisionName = Type.String({
  pattern: '^(?:[A-Za-z0-9_-]{43}|[1-9][0-9]{0,8})$',
  description: 'The id of a revision, or its number in the namespace',
  examples: ['12'],
})

/** The body of a rollback. */
export const RollbackRequest = closed(
  {
    ...asked,
    revision: RevisionName,
    dry_run: Type.Optional(Type.Boolean({ default: false, description: 'Only the plan of it' })),
    base: Type.Optional(
      Type.Unsafe<string | null>({
        type: ['string', 'null'],
        maxLength: NAME_LENGTH,
        description: 'The revision that must be in force, as the plan named it',
      }),
    ),
  },
  { title: 'RollbackRequest' },
)
