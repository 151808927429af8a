import { Type } from 'typebox'
import { closed, NAMESPACE, nullable, oneOf, Timestamp } from '../schema.ts'
import { anyObject } from './policy-text.ts'
import { VERDICTS } from './decision.ts'

const KINDS = ['service', 'document', 'attachment'] as const
const VERBS = ['create', 'update', 'delete'] as const

/** How long a text of a request may be that names an object, a folder or a file. */
const NAME_LENGTH = 512
const MAX_FILES = 2500
const FILE_LENGTH = 80 * 1024

/** Files of a set with room for a thousand documents, and a plan of them. */
export const SET_BYTES = 8 * 1024 * 1024
/** A plan repeats what it changes, before and after. */
export const SET_KEYS = 500_000

const name = Type.String({ minLength: 1, maxLength: NAME_LENGTH })
const kind = oneOf(KINDS)
const value = Type.Union([Type.Unsafe<Record<string, unknown>>(anyObject), Type.Null()])
const source = nullable<string>(
  { type: 'string' },
  { description: '`file:line:column`, relative to the root of the repository' },
)
const owner = nullable<string>({ type: 'string' }, { description: 'The set; null: made by hand' })
const most = (what: string) =>
  Type.Optional(
    Type.Unsafe<number | null>({
      type: ['integer', 'null'],
      minimum: 0,
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

const setFields = {
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
  },
  { title: 'ApplyRequest' },
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

const Change = closed(
  {
    kind,
    name: Type.String(),
    verb: oneOf(VERBS),
    before: value,
    after: value,
    owner,
    adopts: Type.Boolean({ description: 'The set takes it over; the content may be the same' }),
    source,
    statements: Type.Array(
      closed(
        {
          verb: oneOf(VERBS),
          sid: nullable<string>({ type: 'string' }),
          index: Type.Integer(),
          before: value,
          after: value,
          elements: Type.Array(
            closed(
              {
                element: Type.String({ description: '`Action`, or `Condition StringEquals resource.team`' }),
                added: Type.Array(Type.String()),
                removed: Type.Array(Type.String()),
                kept: Type.Array(Type.String()),
              },
              { title: 'ElementChange' },
            ),
          ),
        },
        { title: 'StatementChange' },
      ),
      { description: 'Of documents: the statements that come, go or change' },
    ),
  },
  { title: 'ObjectChange' },
)

const Cause = closed(
  {
    policy: Type.String(),
    sid: nullable<string>({ type: 'string' }),
    index: Type.Integer(),
    effect: oneOf(['Allow', 'Deny'] as const),
    source,
  },
  { title: 'AccessCause' },
)

const Witness = closed(
  {
    principal: Type.String(),
    action: Type.String(),
    resource: Type.String(),
    context: Type.Unsafe<Record<string, unknown>>(anyObject),
    before: oneOf(VERDICTS),
    after: oneOf(VERDICTS),
  },
  { title: 'AccessWitness' },
)

const AccessChange = closed(
  {
    verb: oneOf(['gain', 'lose'] as const),
    action: Type.String(),
    resource: Type.String({ description: 'The pattern, as the statement has it' }),
    cause: Type.Union([Cause, Type.Null()]),
    accounts: Type.Integer({ description: 'How many' }),
    sample: Type.Array(Type.String(), { description: 'The first five of them' }),
    witness: Witness,
  },
  { title: 'AccessChange' },
)

const count = closed({ rights: Type.Integer(), accounts: Type.Integer() }, { title: 'AccessCount' })

const AccessDiff = closed(
  {
    gained: count,
    lost: count,
    changes: Type.Array(AccessChange, { description: 'Collapsed by cause, the widest first' }),
    changes_total: Type.Integer(),
    shut: closed(
      { accounts: Type.Integer(), sample: Type.Array(Type.String()) },
      { title: 'ShutAccounts', description: 'Accounts that can do nothing any more' },
    ),
    examined: Type.Integer({ description: 'Accounts that the change touches' }),
  },
  { title: 'AccessDiff', description: 'Who gains and loses what, by the decisions of the engine' },
)

const Limits = closed(
  {
    max_gain: nullable<number>({ type: 'integer' }),
    max_lose: nullable<number>({ type: 'integer' }),
    max_deletes: nullable<number>({ type: 'integer' }),
  },
  { title: 'PlanLimits' },
)

const Order = closed(
  {
    namespace: Type.String(),
    set: nullable<string>({ type: 'string' }, { description: 'null for a rollback' }),
    rollback_to: nullable<string>({ type: 'string' }, { description: 'The revision that is brought back' }),
    directory: Type.String(),
    commit: nullable<string>({ type: 'string' }),
    dirty: Type.Boolean(),
    prune: Type.Boolean(),
    adopt: Type.Array(Type.String()),
    allow_lockout: Type.Boolean(),
    limits: Limits,
  },
  { title: 'PlanOrder', description: 'What was asked for' },
)

const Warning = closed(
  {
    file: Type.String(),
    line: Type.Integer(),
    column: Type.Integer(),
    severity: oneOf(['error', 'warning'] as const),
    code: Type.String(),
    message: Type.String(),
    hint: Type.String(),
    suggestion: nullable<string>({ type: 'string' }),
  },
  { title: 'PlanWarning' },
)

const named = { kind, name: Type.String() }

/** What the server would do. */
export const Plan = closed(
  {
    version: Type.Literal(1),
    order: Order,
    files: Type.Array(
      closed(
        { path: Type.String(), hash: Type.String({ description: 'SHA-256 of the text, base64url' }) },
        { title: 'PlannedFile' },
      ),
    ),
    base: closed(
      { revision: nullable<string>({ type: 'string' }), number: Type.Integer() },
      { title: 'PlanBase', description: 'The revision in force when it was made' },
    ),
    actor: Type.String(),
    created_at: Timestamp,
    expires_at: Timestamp,
    changes: Type.Array(Change),
    spared: Type.Array(closed(named, { title: 'ObjectName' }), {
      description: 'Objects of the set that its files do not have, and that stay without `prune`',
    }),
    access: AccessDiff,
    warnings: Type.Array(Warning, {
      description: 'What is legal in the files and probably not meant; of a plan alone',
    }),
    conflicts: Type.Array(closed({ ...named, owner, source }, { title: 'PlanConflict' }), {
      description: 'Objects of others, which `adopt` would take over',
    }),
    refusals: Type.Array(
      closed(
        {
          code: Type.String({ description: 'Of the error catalogue' }),
          detail: Type.String(),
          errors: Type.Array(
            closed(
              { pointer: Type.String(), code: Type.String(), detail: Type.String() },
              { title: 'RefusalDetail' },
            ),
          ),
        },
        { title: 'PlanRefusal' },
      ),
      { description: 'Why it would not be applied; empty: it would' },
    ),
    digest: Type.String({ description: 'Identifies the state that it makes' }),
    signature: Type.String({ description: 'Of the server, over everything else' }),
  },
  { title: 'Plan' },
)

/** What came of an apply or a rollback. */
export const ApplyReply = closed(
  {
    detail: Type.String(),
    applied: Type.Boolean({ description: 'false: no changes, or a dry run' }),
    revision: closed(
      { id: nullable<string>({ type: 'string' }), number: Type.Integer() },
      { title: 'RevisionInForce', description: 'What is in force now' },
    ),
    plan: Plan,
  },
  { title: 'ApplyReply' },
)

const revisionFields = {
  id: Type.String(),
  number: Type.Integer(),
  namespace: Type.String(),
  parent: nullable<string>({ type: 'string' }),
  created_at: Timestamp,
  actor: nullable<string>({ type: 'string' }),
  event: oneOf(['apply', 'rollback', 'edit'] as const, { description: '`edit`: a single request' }),
  set: owner,
  commit: nullable<string>({ type: 'string' }),
  dirty: Type.Boolean(),
  rollback_to: nullable<string>({ type: 'string' }),
  is_head: Type.Boolean({ description: 'Whether it is in force' }),
  services: Type.Integer({ description: 'How many' }),
  documents: Type.Integer({ description: 'How many' }),
  attachments: Type.Integer({ description: 'How many' }),
}

/** A revision in a list. */
export const RevisionSummary = closed(revisionFields, { title: 'RevisionSummary' })

const Origin = closed(
  {
    set: Type.String(),
    source,
    commit: nullable<string>({ type: 'string' }),
    dirty: Type.Boolean(),
    actor: nullable<string>({ type: 'string' }),
    revision: Type.Integer({ description: 'The number of the one that brought it' }),
  },
  { title: 'ObjectOrigin' },
)

/** A revision with everything that is in it. */
export const Revision = closed(
  {
    ...revisionFields,
    objects: Type.Array(
      closed(
        {
          ...named,
          value: Type.Unsafe<Record<string, unknown>>(anyObject),
          origin: Type.Union([Origin, Type.Null()], { description: 'null: made by hand' }),
        },
        { title: 'RevisionObject' },
      ),
    ),
  },
  { title: 'Revision' },
)
