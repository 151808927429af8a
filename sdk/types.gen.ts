// Generated from the contract by scripts/generate-sdk.ts; do not edit.

export interface AccessCause {
  policy: string
  sid: string | null
  index: number
  effect: 'Allow' | 'Deny'
  /** `file:line:column`, relative to the root of the repository */
  source: string | null
}

export interface AccessChange {
  verb: 'gain' | 'lose'
  action: string
  /** The pattern, as the statement has it */
  resource: string
  cause: AccessCause | null
  /** How many */
  accounts: number
  /** The first five of them */
  sample: Array<string>
  witness: AccessWitness
}

export interface AccessCheck {
  /** Whose rights: an account, or an application as it acts by a token without a scope; your own, if you name none */
  principal?: string | undefined
  /** `service:Verb` */
  action: string
  /** `type/path` */
  resource: string
  /** Context keys that the services declare; `request.*` only about another principal. Each of its declared type, and every one that is declared as always there */
  context?: Record<string, string | number | boolean | Array<string>> | undefined
  explain?: boolean | undefined
}

export interface AccessCheckBatch {
  checks: Array<AccessQuestion>
}

export interface AccessCount {
  rights: number
  accounts: number
}

export interface AccessDecision {
  allowed: boolean
  decision: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  /** Why no policy was asked: `unknown_action` (no service declares it), `unknown_resource_type` (the action is not about such resources), `not_active` (the account or one above it), `outside` (the account that it acts on is not below) */
  reason: 'unknown_action' | 'unknown_resource_type' | 'not_active' | 'outside' | null
  /** For a denial: `POST /access/explain` takes it */
  decision_id: string | null
  explanation?: Explanation | undefined
}

export interface AccessDecisions {
  results: Array<BatchDecision>
}

/** Who gains and loses what, by the decisions of the engine */
export interface AccessDiff {
  gained: AccessCount
  lost: AccessCount
  /** Collapsed by cause, the widest first */
  changes: Array<AccessChange>
  changes_total: number
  shut: ShutAccounts
  /** Accounts that the change touches */
  examined: number
}

export interface AccessQuestion {
  /** Whose rights: an account, or an application as it acts by a token without a scope; your own, if you name none */
  principal?: string | undefined
  /** `service:Verb` */
  action: string
  /** `type/path` */
  resource: string
  /** Context keys that the services declare; `request.*` only about another principal. Each of its declared type, and every one that is declared as always there */
  context?: Record<string, string | number | boolean | Array<string>> | undefined
}

export interface AccessWitness {
  principal: string
  action: string
  resource: string
  context: Record<string, unknown>
  before: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  after: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
}

export interface Account {
  id: string
  role: 'super-admin' | 'admin' | 'client' | 'sub-client' | 'user'
  name: string | null
  username: string | null
  /** E.164 */
  phone: string | null
  email: string | null
  parent_id: string | null
  /** The ids from the top of the tree to this account, joined by `/`; set by the server, immutable */
  path: string
  status: 'active' | 'disabled'
  /** A flat map of strings, numbers and booleans that policies can read */
  attributes: Record<string, string | number | boolean>
  /** Attached directly, by their full names */
  policies: Array<string>
  /** The policy that bounds it, if one is set directly */
  boundary: string | null
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  updated_at: string
  version: number
}

export interface AccountChanges {
  /** Display name */
  name?: string | undefined
  /** null takes it away */
  email?: string | null | undefined
  /** A flat map of strings, numbers and booleans that policies can read */
  attributes?: Record<string, string | number | boolean> | undefined
}

export interface AccountFacts {
  id: string
  /** The ids from the top of the tree to this account, joined by `/` */
  path: string
  role: 'super-admin' | 'admin' | 'client' | 'sub-client' | 'user'
  status: 'active' | 'disabled'
  attributes: Record<string, string | number | boolean>
  /** Attached to the account itself */
  policies: Array<string>
  boundary: string | null
  /** An attachment is for the account if all of its marks are among these */
  marks: Array<string>
  version: number
}

export interface AccountFactsPage {
  /** Of the protocol: a client refuses one that it does not know */
  format: number
  /** The application that it is made for */
  audience: string
  /** Those that were asked for, with those above them up to the owner of the application, top first */
  accounts: Array<AccountFacts>
  /** Ids of no account that the application may load */
  missing: Array<string>
  /** null on the last page */
  next_cursor: string | null
  /** A compact JWS by a published key; null where tokens are signed by `JWT_SECRET` */
  signature: string | null
}

export interface AccountPage {
  items: Array<Account>
  /** null on the last page */
  next_cursor: string | null
}

export interface AccountReply {
  detail: string
  account: Account
}

export interface Agent {
  /** The application, or the account that loads for itself */
  application: string
  owner_id: string
  /** Names this process */
  agent: string
  /** What it runs */
  software: string | null
  /** The highest that its engine knows */
  language: number
  /** Of the snapshot that it decides by */
  revision: string
  /** Those of `heads` of its snapshot that are of the owner of the application and above */
  heads: Array<AgentHead>
  /** RFC 3339, UTC */
  started_at: string
  /** Decisions since it began */
  allowed: number
  /** Decisions since it began */
  denied: number
  /** A sample of them since the last report */
  denials: Array<AgentDenial>
  /** RFC 3339, UTC */
  seen_at: string
  /** Whether it decides by the revisions in force, or later ones */
  is_current: boolean
}

export interface AgentDenial {
  /** A prefixed account id, never reused */
  account: string
  action: string
  resource: string
  /** RFC 3339, UTC */
  at: string
}

export interface AgentHead {
  namespace: string
  id: string
  number: number
}

export interface AgentPage {
  items: Array<Agent>
  /** null on the last page */
  next_cursor: string | null
}

export interface AgentReport {
  /** Names this process */
  agent: string
  /** What it runs */
  software: string | null
  /** The highest that its engine knows */
  language: number
  /** Of the snapshot that it decides by */
  revision: string
  /** Those of `heads` of its snapshot that are of the owner of the application and above */
  heads: Array<AgentHead>
  /** RFC 3339, UTC */
  started_at: string
  /** Decisions since it began */
  allowed: number
  /** Decisions since it began */
  denied: number
  /** A sample of them since the last report */
  denials: Array<AgentDenial>
}

export interface AgentReported {
  detail: string
  /** When to report again */
  next_report_seconds: number
}

export interface AllPlaces {
  detail: string
  places: Array<Place>
}

export interface Application {
  /** Its `client_id` */
  id: string
  /** The account that it acts for */
  owner_id: string
  name: string
  status: 'active' | 'disabled'
  /** The session layer, by full names; null: there is none */
  policies: Array<string> | null
  /** Newest first; at most two are live */
  keys: Array<ServiceKey>
  jwks: RegisteredKeySet
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  updated_at: string
  version: number
}

export interface ApplicationChanges {
  /** Display name */
  name?: string | undefined
  status?: 'active' | 'disabled' | undefined
  /** What it may do at most, of what its owner may do: policies of the owner’s namespace and of those above. null: as much as its owner; empty: nothing */
  policies?: Array<string> | null | undefined
  jwks?: PublicKeySet | undefined
}

export interface ApplicationLife {
  id: string
  status: 'active' | 'disabled' | 'deleted'
  keys: Array<{
  id: string
  /** null: it does not end by itself */
  ends_at: string | null
}>
}

export interface ApplicationPage {
  items: Array<Application>
  /** null on the last page */
  next_cursor: string | null
}

export interface ApplicationReply {
  detail: string
  application: Application
}

export interface ApplicationWithKey {
  detail: string
  application: Application
  /** The id of the new key */
  key_id: string
  /** The new key, prefix `authctl_sk_`: the `client_secret`. It is not shown again */
  service_key: string
}

export interface ApplyReply {
  detail: string
  /** false: no changes, or a dry run */
  applied: boolean
  revision: RevisionInForce
  plan: Plan
}

export interface ApplyRequest {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
  /** Also a change after which you could not make the reverse */
  allow_lockout?: boolean | undefined
  limits?: PlanLimitsRequest | undefined
  /** As `authctl.json` names it */
  set: string
  /** The folder of the set, relative to the root of the repository */
  directory?: string | undefined
  /** The git commit of the files */
  commit?: string | null | undefined
  /** Whether the files differ from that commit */
  dirty?: boolean | undefined
  /** Delete the objects of this set that its files do not have any more */
  prune?: boolean | undefined
  /** With `prune`: also those by which something was allowed in the last seven days */
  prune_used?: boolean | undefined
  /** Objects that the set takes over, as `kind/name`: `document/shop-reader` */
  adopt?: Array<string> | undefined
  /** Every file of the folder, by its path inside it, with `/` */
  files: Array<{
  path: string
  text: string
}>
  /** What `POST /policies/plan` answered about these files and options, unchanged: then only that is applied */
  plan?: Record<string, unknown> | undefined
  /** Not in force, but beside it: compared on live requests until it is promoted or dropped */
  shadow?: boolean | undefined
  /** What `POST /policies/approve` answered another account about this plan, unchanged */
  approval?: Record<string, unknown> | undefined
}

export interface Approval {
  version: 1
  /** The signature of the plan */
  plan: string
  /** Who approves it */
  actor: string
  /** RFC 3339, UTC */
  approved_at: string
  /** RFC 3339, UTC */
  expires_at: string
  /** The server signs everything else */
  signature: string
}

export interface ApproveRequest {
  /** What `POST /policies/plan` answered another account, unchanged */
  plan: Record<string, unknown>
}

export interface AttachmentList {
  namespace: string
  /** Identifies the state of the namespace; the `ETag` */
  revision: string
  attachments: Array<Record<string, unknown>>
}

/** Who gets which policies and boundaries: `attachments`; the schema is at /schemas/attachments */
export type Attachments = Record<string, unknown>

export interface AuthZenAction {
  /** `service:Verb` */
  name: string
  /** Each is the context key `service.<name>`, if the service of the action declares it */
  properties?: Record<string, unknown> | undefined
}

export interface AuthZenActionName {
  name: string
}

export interface AuthZenActionPart {
  /** `service:Verb` */
  name?: string | undefined
  /** Each is the context key `service.<name>`, if the service of the action declares it */
  properties?: Record<string, unknown> | undefined
}

export interface AuthZenActionSearch {
  subject: AuthZenSubject
  resource: AuthZenResource
  /** Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`. What is of no service that the subject knows is passed over */
  context?: Record<string, unknown> | undefined
  page?: AuthZenPage | undefined
}

export interface AuthZenActions {
  page: AuthZenNextPage
  results: Array<AuthZenActionName>
}

export interface AuthZenDecision {
  /** Whether the subject may */
  decision: boolean
  context?: AuthZenDecisionContext | undefined
}

export interface AuthZenDecisionContext {
  /** `POST /access/explain` takes it */
  decision_id?: string | undefined
  /** Why no policy was asked, such as `unknown_action` */
  reason?: string | undefined
  error?: AuthZenError | undefined
}

export interface AuthZenDecisions {
  /** Whether the subject may */
  decision?: boolean | undefined
  context?: AuthZenDecisionContext | undefined
  /** In the order of the questions */
  evaluations?: Array<AuthZenDecision> | undefined
}

export interface AuthZenEntities {
  page: AuthZenNextPage
  results: Array<AuthZenEntity>
}

export interface AuthZenEntity {
  type: string
  id: string
}

/** Why one of many could not be decided */
export interface AuthZenError {
  status: number
  message: string
}

export interface AuthZenEvaluationRequest {
  subject: AuthZenSubject
  action: AuthZenAction
  resource: AuthZenResource
  /** Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`. What is of no service that the subject knows is passed over */
  context?: Record<string, unknown> | undefined
}

export interface AuthZenEvaluationsRequest {
  subject?: AuthZenSubjectPart | undefined
  action?: AuthZenActionPart | undefined
  resource?: AuthZenResourcePart | undefined
  /** Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`. What is of no service that the subject knows is passed over */
  context?: Record<string, unknown> | undefined
  /** What each does not say is taken from above; without any, the request is one question */
  evaluations?: Array<AuthZenPart> | undefined
  options?: AuthZenOptions | undefined
}

export interface AuthZenMetadata {
  /** The issuer, byte for byte */
  policy_decision_point: string
  /** One question */
  access_evaluation_endpoint: string
  /** Many questions */
  access_evaluations_endpoint: string
  /** Who may */
  search_subject_endpoint: string
  /** To what */
  search_resource_endpoint: string
  /** What */
  search_action_endpoint: string
}

export interface AuthZenNextPage {
  /** Empty on the last page */
  next_token: string
  /** Results on this page */
  count: number
}

export interface AuthZenOptions {
  /** `deny_on_first_deny` and `permit_on_first_permit` end with the first of that kind */
  evaluations_semantic?: 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit' | undefined
}

export interface AuthZenPage {
  /** The `next_token` of the page before, for the same question */
  token?: string | '' | undefined
  /** Results a page, at most; default 50, never more than 200 */
  limit?: number | undefined
}

export interface AuthZenPart {
  subject?: AuthZenSubjectPart | undefined
  action?: AuthZenActionPart | undefined
  resource?: AuthZenResourcePart | undefined
  /** Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`. What is of no service that the subject knows is passed over */
  context?: Record<string, unknown> | undefined
}

export interface AuthZenResource {
  /** The type of a resource, as its service declares it */
  type: string
  /** Its path, without the type */
  id: string
  /** Each is the context key `resource.<name>` */
  properties?: Record<string, unknown> | undefined
}

export interface AuthZenResourcePart {
  /** The type of a resource, as its service declares it */
  type?: string | undefined
  /** Its path, without the type */
  id?: string | undefined
  /** Each is the context key `resource.<name>` */
  properties?: Record<string, unknown> | undefined
}

export interface AuthZenResourceSearch {
  subject: AuthZenSubject
  action: AuthZenAction
  resource: AuthZenResourceType
  /** Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`. What is of no service that the subject knows is passed over */
  context?: Record<string, unknown> | undefined
  page?: AuthZenPage | undefined
}

export interface AuthZenResourceType {
  /** The type of a resource, as its service declares it */
  type: string
  /** Each is the context key `resource.<name>` */
  properties?: Record<string, unknown> | undefined
}

export interface AuthZenSubject {
  /** `account`, the role that the account has, or `application` */
  type: string
  /** The id of the account, or of the application */
  id: string
  /** Not looked at: what an account is, the server knows */
  properties?: Record<string, unknown> | undefined
}

export interface AuthZenSubjectPart {
  /** `account`, the role that the account has, or `application` */
  type?: string | undefined
  /** The id of the account, or of the application */
  id?: string | undefined
  /** Not looked at: what an account is, the server knows */
  properties?: Record<string, unknown> | undefined
}

export interface AuthZenSubjectSearch {
  subject: AuthZenSubjectType
  action: AuthZenAction
  resource: AuthZenResource
  /** Context keys that the services declare, such as `orders.total`; the same in objects, such as `{"orders": {"total": 120}}`. What is of no service that the subject knows is passed over */
  context?: Record<string, unknown> | undefined
  page?: AuthZenPage | undefined
}

export interface AuthZenSubjectType {
  /** `account`, the role that the account has, or `application` */
  type: string
  /** Not looked at */
  properties?: Record<string, unknown> | undefined
}

export interface BatchDecision {
  allowed: boolean
  decision: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  /** Why no policy was asked: `unknown_action` (no service declares it), `unknown_resource_type` (the action is not about such resources), `not_active` (the account or one above it), `outside` (the account that it acts on is not below) */
  reason: 'unknown_action' | 'unknown_resource_type' | 'not_active' | 'outside' | null
}

export interface Bootstrap {
  setup_token: string
  /** Display name */
  name: string
  /** Compared in one canonical form: NFKC, case-folded, single script, no invisible characters */
  username: string
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  password: string
}

export interface Boundary {
  /** `name` of your own namespace, `root/name` or `adm_…/name` of another, or `authctl:Name` of a managed policy. In a path, `/` is written `%2F`. */
  policy: string | null
}

export interface ChangePassword {
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  current_password: string
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  new_password: string
}

export interface CreatedAccount {
  detail: string
  token?: Token | undefined
  account: Account
}

export interface DecidedBy {
  /** Its number in `layers` */
  layer: number
  /** The Deny, if it was one */
  statement: StatementReport | null
}

export interface DecidedDevice {
  detail: string
  /** The application that runs on it */
  client_id: string
  /** From where it asked */
  ip: string | null
  user_agent: string | null
  /** RFC 3339, UTC */
  created_at: string
}

export interface DecidingRevision {
  id: string
  number: number
}

export interface DecidingStatement {
  policy: string
  /** Its number in the policy, from 0 */
  statement: number
  sid: string | null
  effect: 'Allow' | 'Deny'
  /** `file:line:column`, if that is known */
  source: string | null
}

export interface Detail {
  detail: string
}

export interface DeviceAuthorization {
  /** For the token endpoint; it stays in the device */
  device_code: string
  /** Eight letters; case, spaces and dashes do not count */
  user_code: string
  /** Where somebody types the user code */
  verification_uri: string
  /** The same with the code in it, for a QR code */
  verification_uri_complete: string
  /** Life of both codes in seconds */
  expires_in: number
  /** Seconds between two questions at the token endpoint */
  interval: number
}

export interface DeviceAuthorizationRequest {
  /** The application, unless the `Authorization` header names it */
  client_id?: string | undefined
  /** Its service key, unless the `Authorization: Basic` header has it */
  client_secret?: string | undefined
  /** `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, where there is an assertion */
  client_assertion_type?: string | undefined
  /** In place of a service key: a JWT that one of its own keys has signed (RFC 7523) */
  client_assertion?: string | undefined
  /** What the token is for, of what the application may */
  scope?: string | undefined
}

export interface DeviceDecision {
  /** Eight letters; case, spaces and dashes do not count */
  user_code: string
  decision: 'approve' | 'deny'
}

export interface Echo {
  ip: string | null
  peer: string | null
  host: string | null
  forwarded_for: Array<string>
  forwarded_proto: string | null
  forwarded_host: string | null
  /** What the daemon calls itself */
  public_url: string
}

export interface ElementChange {
  /** `Action`, or `Condition StringEquals resource.team` */
  element: string
  added: Array<string>
  removed: Array<string>
  kept: Array<string>
}

export interface EndedTokens {
  id: string
  /** RFC 3339, UTC */
  at: string
}

export interface ExplainRequest {
  decision_id: string
}

export interface ExplainedDecision {
  /** The account, or the application, that it was about */
  principal: string
  action: string
  resource: string
  decided: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  now: AccessDecision
}

export interface Explanation {
  decision: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  /** The layer that decided, and its Deny if it was one; null for `ALLOW`, and where there is no layer */
  decided_by: DecidedBy | null
  /** From the account up to the root */
  layers: Array<LayerReport>
  /** Keys that statements about the action ask for and the request does not have; at most 64 */
  missing_keys: Array<string>
  /** What each layer lacks: any one line of a layer would do for it, and no Deny would stand in the way */
  would_allow_if: Array<string>
  /** By which the policies of each namespace above the account were asked */
  revisions: Array<PolicyRevision>
}

export interface FailedElement {
  failed: 'action' | 'resource' | 'condition'
  operator: string | null
  key: string | null
  /** The first ten, each up to 256 characters */
  expected: Array<string>
  expected_total: number
  actual: Array<string> | null
  /** 0 where the request has no such key */
  actual_total: number
}

export interface Health {
  status: 'ok'
}

export interface Info {
  status: 'running'
  name: string
  version: string
  links: {
  openapi: string
  docs: string
  redoc: string
  jwks: string
}
}

export interface Introspection {
  /** Whether it is live, and for the caller to know of */
  active: boolean
  iss?: string | undefined
  /** The account or the application */
  sub?: string | undefined
  aud?: string | undefined
  exp?: number | undefined
  iat?: number | undefined
  client_id?: string | undefined
  token_type?: 'Bearer' | undefined
  scope?: string | undefined
  /** The session, where there is one */
  sid?: string | undefined
  role?: string | undefined
  username?: string | undefined
}

export interface IntrospectionRequest {
  /** The access token or the refresh token */
  token: string
  /** Which of both it is; nothing depends on it */
  token_type_hint?: string | undefined
  /** The application, unless the `Authorization` header names it */
  client_id?: string | undefined
  /** Its service key, unless the `Authorization: Basic` header has it */
  client_secret?: string | undefined
  /** `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, where there is an assertion */
  client_assertion_type?: string | undefined
  /** In place of a service key: a JWT that one of its own keys has signed (RFC 7523) */
  client_assertion?: string | undefined
}

export interface JwkSet {
  keys: Array<{
  kty: string
  crv?: string | undefined
  x?: string | undefined
  kid: string
  use: 'sig'
  alg: string
}>
}

export interface KeyRotation {
  /** Sign with it in two seconds: others than authctl may refuse its tokens for five minutes */
  now?: boolean | undefined
}

export interface LayerReport {
  /** `session`: what the token of an application is narrowed to */
  kind: 'own' | 'boundary' | 'session'
  /** The account that the layer belongs to */
  principal: string
  outcome: 'deny' | 'allow' | 'none'
  /** The first twenty: denials, then the others */
  matched: Array<StatementReport>
  matched_total: number
  /** Where no statement allows: at most five that come near, nearest first */
  near_misses: Array<NearMiss>
}

export interface LivingDaemon {
  /** Names this run of the daemon */
  id: string
  host: string | null
  pid: number | null
  /** The version of authctl */
  version: string | null
  /** RFC 3339, UTC */
  started_at: string
  /** RFC 3339, UTC */
  seen_at: string
  /** By which it decides; null: none, or one older than all that it names */
  revision: DecidingRevision | null
  /** Whether that is the one in force, or a later one */
  is_current: boolean
}

export interface Login {
  /** Compared in one canonical form: NFKC, case-folded, single script, no invisible characters */
  username?: string | undefined
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  password?: string | undefined
  /** One phone number; E.164 preferred, national formats are read in the configured default region */
  number?: string | undefined
  /** The one-time code */
  otp?: string | undefined
  /** Names the application that signs in; becomes the `client_id` claim and is bound to the code and the session. Default `authctl`. Not the id of an application with service keys: that one proves itself at `/oauth/token` */
  client_id?: string | undefined
}

export interface NearMiss {
  policy: string
  hash: string
  /** Its number in the policy, from 0 */
  statement: number
  sid: string | null
  effect: 'Allow' | 'Deny'
  /** `file:line:column`, if that is known */
  source: string | null
  failed: 'action' | 'resource' | 'condition'
  operator: string | null
  key: string | null
  /** The first ten, each up to 256 characters */
  expected: Array<string>
  expected_total: number
  actual: Array<string> | null
  /** 0 where the request has no such key */
  actual_total: number
  /** Other conditions of the statement that failed */
  also_failed: Array<FailedElement>
}

export interface NewAdmin {
  /** Display name */
  name: string
  /** Compared in one canonical form: NFKC, case-folded, single script, no invisible characters */
  username?: string | undefined
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  password?: string | undefined
  /** One phone number; E.164 preferred, national formats are read in the configured default region */
  number?: string | undefined
  email?: string | undefined
  /** A flat map of strings, numbers and booleans that policies can read */
  attributes?: Record<string, string | number | boolean> | undefined
  /** Policies to attach, within your own rights */
  policies?: Array<string> | undefined
  /** `name` of your own namespace, `root/name` or `adm_…/name` of another, or `authctl:Name` of a managed policy. In a path, `/` is written `%2F`. */
  boundary?: string | undefined
  /** false: do not sign the new account in; the answer has no `token` */
  issue_token?: boolean | undefined
}

export interface NewApplication {
  /** Display name */
  name: string
  /** A prefixed account id, never reused */
  owner_id?: string | undefined
  /** What it may do at most, of what its owner may do: policies of the owner’s namespace and of those above. null: as much as its owner; empty: nothing */
  policies?: Array<string> | null | undefined
  /** Seconds until the new key ends by itself. Default: not before it is rotated, or with the key by which an application asks */
  key_expires_in?: number | undefined
  jwks?: PublicKeySet | undefined
}

export interface NewClient {
  /** Display name */
  name: string
  /** Compared in one canonical form: NFKC, case-folded, single script, no invisible characters */
  username?: string | undefined
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  password?: string | undefined
  /** One phone number; E.164 preferred, national formats are read in the configured default region */
  number?: string | undefined
  email?: string | undefined
  /** A flat map of strings, numbers and booleans that policies can read */
  attributes?: Record<string, string | number | boolean> | undefined
  /** Policies to attach, within your own rights */
  policies?: Array<string> | undefined
  /** `name` of your own namespace, `root/name` or `adm_…/name` of another, or `authctl:Name` of a managed policy. In a path, `/` is written `%2F`. */
  boundary?: string | undefined
  /** false: do not sign the new account in; the answer has no `token` */
  issue_token?: boolean | undefined
  /** The admin to create the client under; required of a super-admin, refused to others */
  admin_id?: string | undefined
}

export interface NewRefreshKey {
  /** The secret refresh key, at least 6 characters */
  new_key: string
  /** The secret refresh key, at least 6 characters */
  old_key?: string | undefined
}

export interface NewSubClient {
  /** Display name */
  name: string
  /** Compared in one canonical form: NFKC, case-folded, single script, no invisible characters */
  username?: string | undefined
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  password?: string | undefined
  /** One phone number; E.164 preferred, national formats are read in the configured default region */
  number?: string | undefined
  email?: string | undefined
  /** A flat map of strings, numbers and booleans that policies can read */
  attributes?: Record<string, string | number | boolean> | undefined
  /** Policies to attach, within your own rights */
  policies?: Array<string> | undefined
  /** `name` of your own namespace, `root/name` or `adm_…/name` of another, or `authctl:Name` of a managed policy. In a path, `/` is written `%2F`. */
  boundary?: string | undefined
  /** false: do not sign the new account in; the answer has no `token` */
  issue_token?: boolean | undefined
  /** The client to create the sub-client under; required of admins and super-admins, refused to others */
  client_id?: string | undefined
}

export interface NewSuperAdmin {
  /** Display name */
  name: string
  /** Compared in one canonical form: NFKC, case-folded, single script, no invisible characters */
  username: string
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  password: string
  /** false: do not sign the new account in; the answer has no `token` */
  issue_token?: boolean | undefined
}

export interface OAuthError {
  /** The registered error code */
  error: 'invalid_request' | 'invalid_client' | 'invalid_grant' | 'unauthorized_client' | 'unsupported_grant_type' | 'invalid_scope' | 'server_error' | 'temporarily_unavailable' | 'invalid_token' | 'unsupported_token_type' | 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token'
  /** For people who write programs */
  error_description: string
}

export interface OAuthToken {
  /** JWT, `typ: at+jwt` */
  access_token: string
  token_type: 'Bearer'
  /** Life of the access token in seconds */
  expires_in: number
  /** What the token is narrowed to, where that was asked */
  scope?: string | undefined
  /** Opaque, prefix `authctl_rt_`, single use; where there is a session */
  refresh_token?: string | undefined
}

export interface OAuthTokenRequest {
  /** The way in which the token is asked for */
  grant_type: string
  /** The application, unless the `Authorization` header names it */
  client_id?: string | undefined
  /** Its service key, unless the `Authorization: Basic` header has it */
  client_secret?: string | undefined
  /** `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, where there is an assertion */
  client_assertion_type?: string | undefined
  /** In place of a service key: a JWT that one of its own keys has signed (RFC 7523) */
  client_assertion?: string | undefined
  /** For `refresh_token`: the token, which is replaced at every use */
  refresh_token?: string | undefined
  /** For `device_code`: what the device was handed */
  device_code?: string | undefined
  /** What the token is for, of what the application may */
  scope?: string | undefined
}

export interface ObjectChange {
  kind: 'service' | 'document' | 'attachment' | 'invariant'
  name: string
  verb: 'create' | 'update' | 'delete'
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  /** The set; null: made by hand */
  owner: string | null
  /** The set takes it over; the content may be the same */
  adopts: boolean
  /** `file:line:column`, relative to the root of the repository */
  source: string | null
  /** For documents: the statements that come, go or change */
  statements: Array<StatementChange>
}

export interface ObjectOrigin {
  set: string
  /** `file:line:column`, relative to the root of the repository */
  source: string | null
  commit: string | null
  dirty: boolean
  actor: string | null
  /** The number of the one that brought it */
  revision: number
}

export interface OtpSent {
  detail: string
  /** Life of the code in seconds */
  expires_in: number
  /** Seconds until another code may be asked for */
  resend_after: number
}

export interface Place {
  id: string
  type: 'ev-charger' | 'swap-station'
  name: string
  longitude: number
  latitude: number
  address: string | null
  operator: string | null
  /** RFC 3339, UTC */
  updated_at: string
  /** What `If-Match` takes; only in answers about one place, whose `ETag` it is */
  hash?: string | undefined
  /** Metres from `near`, on the sphere; only in answers to `near` */
  distance_m?: number | undefined
}

export interface PlaceCollection {
  type: 'FeatureCollection'
  /** Passed over */
  bbox?: Array<number> | undefined
  /** From GeoJSON 2008: accepted only if it names WGS 84, such as `urn:ogc:def:crs:OGC:1.3:CRS84` */
  crs?: Record<string, unknown> | null | undefined
  features: Array<PlaceFeature>
}

export interface PlaceFeature {
  type: 'Feature'
  /** What the place is known by: 1 to 128 letters, digits, `.`, `_`, `~` and `-`. `node/1` of OpenStreetMap becomes `node-1`. Without one, the property `@id`, `id` or `osm_id` */
  id?: string | number | undefined
  /** Passed over */
  bbox?: Array<number> | undefined
  /** A `Point`, or a `MultiPoint` of one; features with any other are skipped */
  geometry?: {
  type: string
  /** [longitude, latitude], WGS 84; an altitude is passed over */
  coordinates?: Array<unknown> | undefined
} | null | undefined
  /** `type` (`ev-charger` or `swap-station`; or `amenity` = `charging_station`), `name` (at most 200 characters; or `operator`), and if there are any `address` (500; or the `addr:` tags of OpenStreetMap) and `operator` (200; or `network`, `brand`). Others are passed over */
  properties?: Record<string, unknown> | null | undefined
}

export interface PlacePage {
  items: Array<Place>
  /** null on the last page */
  next_cursor: string | null
}

export interface PlacesImported {
  detail: string
  created: number
  updated: number
  unchanged: number
  /** Features that cannot be a place */
  skipped: number
  skip_reasons: Array<SkipReason>
}

export interface Plan {
  version: 1
  order: PlanOrder
  files: Array<PlannedFile>
  base: PlanBase
  actor: string
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  expires_at: string
  changes: Array<ObjectChange>
  /** Objects of the set that its files do not have, and that stay without `prune`, or though it prunes: something was allowed by them in the last seven days (`in_use`) */
  spared: Array<SparedObject>
  access: AccessDiff
  /** What is legal in the files and probably not meant; of a plan alone */
  warnings: Array<PlanWarning>
  /** Objects of others, which `adopt` would take over */
  conflicts: Array<PlanConflict>
  /** Why it would not be applied; empty: it would */
  refusals: Array<PlanRefusal>
  /** Identifies the state that it makes */
  digest: string
  /** The server signs everything else */
  signature: string
}

/** The revision in force when it was made */
export interface PlanBase {
  revision: string | null
  number: number
}

export interface PlanConflict {
  kind: 'service' | 'document' | 'attachment' | 'invariant'
  name: string
  /** The set; null: made by hand */
  owner: string | null
  /** `file:line:column`, relative to the root of the repository */
  source: string | null
}

export interface PlanLimits {
  max_gain: number | null
  max_lose: number | null
  max_deletes: number | null
}

export interface PlanLimitsRequest {
  /** At most so many accounts that gain a right; null: any number */
  max_gain?: number | null | undefined
  /** At most so many accounts that lose a right; null: any number */
  max_lose?: number | null | undefined
  /** At most so many objects deleted; null: any number */
  max_deletes?: number | null | undefined
}

/** What was asked for */
export interface PlanOrder {
  namespace: string
  /** null for a rollback */
  set: string | null
  /** The revision that is brought back */
  rollback_to: string | null
  directory: string
  commit: string | null
  dirty: boolean
  prune: boolean
  prune_used: boolean
  adopt: Array<string>
  allow_lockout: boolean
  limits: PlanLimits
}

export interface PlanRefusal {
  /** A code of the error catalogue */
  code: string
  detail: string
  errors: Array<RefusalDetail>
}

export interface PlanRequest {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
  /** Also a change after which you could not make the reverse */
  allow_lockout?: boolean | undefined
  limits?: PlanLimitsRequest | undefined
  /** As `authctl.json` names it */
  set: string
  /** The folder of the set, relative to the root of the repository */
  directory?: string | undefined
  /** The git commit of the files */
  commit?: string | null | undefined
  /** Whether the files differ from that commit */
  dirty?: boolean | undefined
  /** Delete the objects of this set that its files do not have any more */
  prune?: boolean | undefined
  /** With `prune`: also those by which something was allowed in the last seven days */
  prune_used?: boolean | undefined
  /** Objects that the set takes over, as `kind/name`: `document/shop-reader` */
  adopt?: Array<string> | undefined
  /** Every file of the folder, by its path inside it, with `/` */
  files: Array<{
  path: string
  text: string
}>
}

export interface PlanWarning {
  file: string
  line: number
  column: number
  severity: 'error' | 'warning'
  code: string
  message: string
  hint: string
  suggestion: string | null
}

export interface PlannedFile {
  path: string
  /** SHA-256 of the text, base64url */
  hash: string
}

export interface Policy {
  /** `namespace/name`, or `authctl:Name` */
  name: string
  /** null for managed policies */
  namespace: string | null
  id: string
  /** Identifies the content; the `ETag` */
  hash: string
  /** RFC 3339, UTC */
  updated_at: string | null
  document: PolicyDocument
}

export interface PolicyChanges {
  /** Of the protocol: a client refuses one that it does not know */
  format: number
  /** The application that it is made for */
  audience: string
  /** The account whose application it is: what concerns it and those below it is told */
  owner_id: string
  /** What came after this position is told here. If it is another than the `position` that was told last, something got lost on the way: go on from that one. null: it is the first */
  previous: string | null
  /** Where to go on from: `after`, or `Last-Event-ID` */
  position: string
  /** Up to this instant nothing is missing that was written to the store */
  as_of: string
  /** Of the policies in force then */
  revision: string
  /** What lies between is not known: forget every account */
  reset: boolean
  /** Forget what is known of these */
  accounts: Array<string>
  /** Tokens of these accounts that were issued until then are worth nothing */
  ended_accounts: Array<EndedTokens>
  /** Tokens of these sessions are worth nothing */
  ended_sessions: Array<EndedTokens>
  /** Single tokens of applications that were revoked, by their SHA-256 digests in base64url, and when they would have expired */
  ended_tokens: Array<EndedTokens>
  /** What each lives by now: its tokens are worth nothing while it is not `active`, and those of any other key, or of one from its `ends_at` on */
  applications: Array<ApplicationLife>
  /** Why this is the last of the stream */
  ending: 'draining' | 'token_ended' | 'not_allowed' | null
  /** A compact JWS by a published key; null where tokens are signed by `JWT_SECRET` */
  signature: string | null
}

/** A policy: `Version`, `Id` (the name it is put under) and `Statement`. The language is in docs/reference/policies.md, its schema at /schemas/policy */
export type PolicyDocument = Record<string, unknown>

export interface PolicyPage {
  items: Array<PolicySummary>
  /** null on the last page */
  next_cursor: string | null
}

export interface PolicyReply {
  detail: string
  policy: Policy
}

export interface PolicyRevision {
  namespace: string
  number: number
  id: string
}

export interface PolicyStatus {
  namespace: string
  /** In force; null before the first change */
  revision: DecidingRevision | null
  daemons: Array<LivingDaemon>
  /** The processes of applications that decide by themselves, up to a hundred; none for those who may not change the namespace */
  agents: Array<Agent>
  /** Whether there are more: `GET /policies/agents` has them */
  has_more_agents: boolean
  /** What was applied with `shadow`, and what came of comparing it, as the daemons have said last; null also for those who may not change the namespace */
  shadow: ShadowReport | null
}

export interface PolicySummary {
  /** `namespace/name`, or `authctl:Name` */
  name: string
  /** null for managed policies */
  namespace: string | null
  id: string
  /** Identifies the content; the `ETag` */
  hash: string
  /** RFC 3339, UTC */
  updated_at: string | null
  description: string | null
  statements: number
}

export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  /** The request id */
  instance: string
  /** A stable code of the error catalogue */
  code: string
  /** For a denial: `POST /access/explain` says why to those who may ask */
  decision_id?: string | undefined
  errors?: Array<{
  /** JSON pointer into the body, or `/query/NAME`, `/path/NAME`, `/header/NAME` */
  pointer: string
  code: string
  detail: string
}> | undefined
}

export interface PromoteRequest {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
  /** Also a change after which you could not make the reverse */
  allow_lockout?: boolean | undefined
  limits?: PlanLimitsRequest | undefined
  /** Only the plan of it */
  dry_run?: boolean | undefined
}

export interface PublicJwk {
  /** `EC`, `OKP` or `RSA` */
  kty: string
  crv?: string | undefined
  x?: string | undefined
  y?: string | undefined
  n?: string | undefined
  e?: string | undefined
  /** Its name. Default: its thumbprint (RFC 7638) */
  kid?: string | undefined
  /** As the key has it */
  alg?: string | undefined
  /** `sig` */
  use?: string | undefined
}

/** Public keys by which it proves itself (`private_key_jwt`, RFC 7523), two at most: P-256 for `ES256`, Ed25519 for `EdDSA`, RSA for `RS256` */
export interface PublicKeySet {
  keys: Array<PublicJwk>
}

export interface Readiness {
  status: 'ready' | 'not-ready'
  checks: {
  store: 'ok' | 'failed'
  keys: 'ok' | 'failed'
  accepting: 'ok' | 'failed'
}
}

export interface RecordedQuestion {
  /** Who asked, or was asked about */
  account: string
  /** `service:Verb` */
  action: string
  /** `type/path` */
  resource: string
  /** Context keys that the services declare; `request.*` only about another principal. Each of its declared type, and every one that is declared as always there */
  context?: Record<string, string | number | boolean | Array<string>> | undefined
  /** Context keys that the question had, and whose values were not kept */
  hidden?: Array<string> | undefined
  /** When it was asked, in epoch seconds; all but the first matter only to policies of times */
  at: Array<number>
}

export interface RefreshToken {
  /** Names the application that signs in; becomes the `client_id` claim and is bound to the code and the session. Default `authctl`. Not the id of an application with service keys: that one proves itself at `/oauth/token` */
  client_id?: string | undefined
}

export interface RefusalDetail {
  pointer: string
  code: string
  detail: string
}

export interface RegenerateToken {
  /** The secret refresh key, at least 6 characters */
  refresh_key: string
}

export interface RegisteredJwk {
  kty: string
  crv?: string | undefined
  x?: string | undefined
  y?: string | undefined
  n?: string | undefined
  e?: string | undefined
  kid: string
  alg: string
  use: 'sig'
  /** To the minute; null: never */
  last_used_at: string | null
}

/** Its public keys; two at most */
export interface RegisteredKeySet {
  keys: Array<RegisteredJwk>
}

export interface Replay {
  base: ReplayBase
  /** How many were decided, before and after */
  examined: number
  /** Left out: of accounts that are gone, or that you do not see */
  unknown_account: number
  /** Left out: a policy compares a value that was not kept */
  private_value: number
  /** The questions whose answer would change, in their order */
  changes: Array<ReplayChange>
}

export interface ReplayBase {
  revision: string | null
  number: number
}

export interface ReplayChange {
  /** Its number in the request, from 0 */
  question: number
  /** The time for which it changes, in epoch seconds */
  at: number
  before: ReplayedDecision
  after: ReplayedDecision
}

export interface ReplayRequest {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
  /** Also a change after which you could not make the reverse */
  allow_lockout?: boolean | undefined
  limits?: PlanLimitsRequest | undefined
  /** As `authctl.json` names it */
  set: string
  /** The folder of the set, relative to the root of the repository */
  directory?: string | undefined
  /** The git commit of the files */
  commit?: string | null | undefined
  /** Whether the files differ from that commit */
  dirty?: boolean | undefined
  /** Delete the objects of this set that its files do not have any more */
  prune?: boolean | undefined
  /** With `prune`: also those by which something was allowed in the last seven days */
  prune_used?: boolean | undefined
  /** Objects that the set takes over, as `kind/name`: `document/shop-reader` */
  adopt?: Array<string> | undefined
  /** Every file of the folder, by its path inside it, with `/` */
  files: Array<{
  path: string
  text: string
}>
  /** As the daemon has recorded them, each once */
  questions: Array<RecordedQuestion>
}

export interface ReplayedDecision {
  decision: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  /** Why no policy was asked: `unknown_action` (no service declares it), `unknown_resource_type` (the action is not about such resources), `not_active` (the account or one above it), `outside` (the account that it acts on is not below) */
  reason: 'unknown_action' | 'unknown_resource_type' | 'not_active' | 'outside' | null
  /** `own of ID` or `boundary of ID`: the layer that decided, or that allows what was denied */
  layer: string | null
  /** The one that decides; null where none allows */
  statement: DecidingStatement | null
}

export interface Revision {
  id: string
  number: number
  namespace: string
  parent: string | null
  /** RFC 3339, UTC */
  created_at: string
  actor: string | null
  /** The second account, of a change that two make together */
  approved_by: string | null
  /** `edit`: a single request */
  event: 'apply' | 'rollback' | 'edit'
  /** The set; null: made by hand */
  set: string | null
  commit: string | null
  dirty: boolean
  rollback_to: string | null
  /** Whether it is in force */
  is_head: boolean
  /** How many */
  services: number
  /** How many */
  documents: number
  /** How many */
  attachments: number
  /** How many */
  invariants: number
  objects: Array<RevisionObject>
}

/** What is in force now */
export interface RevisionInForce {
  id: string | null
  number: number
}

export interface RevisionObject {
  kind: 'service' | 'document' | 'attachment' | 'invariant'
  name: string
  value: Record<string, unknown>
  /** null: made by hand */
  origin: ObjectOrigin | null
}

export interface RevisionPage {
  items: Array<RevisionSummary>
  /** null on the last page */
  next_cursor: string | null
}

export interface RevisionSummary {
  id: string
  number: number
  namespace: string
  parent: string | null
  /** RFC 3339, UTC */
  created_at: string
  actor: string | null
  /** The second account, of a change that two make together */
  approved_by: string | null
  /** `edit`: a single request */
  event: 'apply' | 'rollback' | 'edit'
  /** The set; null: made by hand */
  set: string | null
  commit: string | null
  dirty: boolean
  rollback_to: string | null
  /** Whether it is in force */
  is_head: boolean
  /** How many */
  services: number
  /** How many */
  documents: number
  /** How many */
  attachments: number
  /** How many */
  invariants: number
}

export interface Revocation {

}

export interface RevocationRequest {
  /** The access token or the refresh token */
  token: string
  /** Which of both it is; nothing depends on it */
  token_type_hint?: string | undefined
  /** The application, unless the `Authorization` header names it */
  client_id?: string | undefined
  /** Its service key, unless the `Authorization: Basic` header has it */
  client_secret?: string | undefined
  /** `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`, where there is an assertion */
  client_assertion_type?: string | undefined
  /** In place of a service key: a JWT that one of its own keys has signed (RFC 7523) */
  client_assertion?: string | undefined
}

export interface RollbackRequest {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
  /** Also a change after which you could not make the reverse */
  allow_lockout?: boolean | undefined
  limits?: PlanLimitsRequest | undefined
  /** The id of a revision, or its number in the namespace */
  revision: string
  /** Only the plan of it */
  dry_run?: boolean | undefined
  /** The revision that must be in force, as the plan named it */
  base?: string | null | undefined
}

export interface SendOtp {
  /** One phone number; E.164 preferred, national formats are read in the configured default region */
  number: string
  /** Names the application that signs in; becomes the `client_id` claim and is bound to the code and the session. Default `authctl`. Not the id of an application with service keys: that one proves itself at `/oauth/token` */
  client_id?: string | undefined
}

export interface ServerMetadata {
  /** The `iss` of every token, byte for byte */
  issuer: string
  /** Where tokens are asked for */
  token_endpoint: string
  /** What a token is (RFC 7662) */
  introspection_endpoint: string
  /** How applications authenticate there */
  introspection_endpoint_auth_methods_supported: Array<string>
  /** How assertions are signed */
  introspection_endpoint_auth_signing_alg_values_supported: Array<string>
  /** Where tokens end (RFC 7009) */
  revocation_endpoint: string
  /** How applications authenticate there */
  revocation_endpoint_auth_methods_supported: Array<string>
  /** How assertions are signed */
  revocation_endpoint_auth_signing_alg_values_supported: Array<string>
  /** Where devices ask to be signed in */
  device_authorization_endpoint: string
  /** The public keys that verify access tokens */
  jwks_uri: string
  /** Empty: there is no authorization endpoint */
  response_types_supported: Array<string>
  /** The values of `grant_type` */
  grant_types_supported: Array<string>
  /** How applications authenticate there */
  token_endpoint_auth_methods_supported: Array<string>
  /** How assertions are signed */
  token_endpoint_auth_signing_alg_values_supported: Array<string>
}

export interface Service {
  namespace: string
  hash: string
  service: ServiceDeclaration
}

/** What an application has to decide: `service`, `actions`, `resource_types` and `context_keys`; the schema is at /schemas/service */
export type ServiceDeclaration = Record<string, unknown>

export interface ServiceKey {
  id: string
  /** RFC 3339, UTC */
  created_at: string
  /** When it ends; null: not before it is rotated */
  expires_at: string | null
  /** To the minute; null: never */
  last_used_at: string | null
}

export interface ServiceKeyRotation {
  /** How long the key before goes on. Default: a day */
  overlap_seconds?: number | undefined
  /** Seconds until the new key ends by itself. Default: not before it is rotated, or with the key by which an application asks */
  key_expires_in?: number | undefined
}

export interface ServiceList {
  items: Array<Service>
}

export interface Session {
  id: string
  client_id: string
  ip: string | null
  user_agent: string | null
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  last_used_at: string
  /** Absolute expiry; refreshing never extends it */
  expires_at: string
  /** The session of this request */
  current: boolean
}

export interface SessionList {
  items: Array<Session>
}

export interface SessionsRevoked {
  detail: string
  revoked: number
}

export interface ShadowDifference {
  account: string
  action: string
  resource: string
  before: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  after: 'ALLOW' | 'DENY_EXPLICIT' | 'DENY_IMPLICIT'
  /** The statement that decides it then */
  by: string | null
  count: number
}

export interface ShadowReport {
  id: string
  number: number
  /** How many live questions were decided by both */
  questions: number
  /** How many of them otherwise */
  changed: number
  /** The most frequent of them, up to a hundred */
  differences: Array<ShadowDifference>
}

/** Accounts that can do nothing any more */
export interface ShutAccounts {
  accounts: number
  sample: Array<string>
}

export interface SignedIn {
  detail: string
  token: Token
  account: Account
}

export interface SigningKey {
  kid: string
  /** `next`: published, not used yet. `active`: signs. `retiring`: what it has signed is accepted until it expires. `retired`: no longer published. `revoked`: what it has signed is refused */
  state: 'next' | 'active' | 'retiring' | 'retired' | 'revoked'
  /** RFC 3339, UTC */
  created_at: string
  /** RFC 3339, UTC */
  active_from: string
  revoked_at: string | null
}

export interface SigningKeyList {
  items: Array<SigningKey>
}

export interface SkipReason {
  /** What cannot be that of a place: `id` missing or of other characters, `geometry` null, empty or not one point, `type` neither of the two, `name` missing, or a text too long */
  reason: 'id' | 'geometry' | 'type' | 'name' | 'address' | 'operator'
  /** How many features were skipped for it */
  count: number
  /** The first of them in `features`, counted from 0 */
  first_index: number
}

export interface Snapshot {
  /** Of the protocol: a client refuses one that it does not know */
  format: number
  /** Of the policies: an engine of an older one refuses what it is given, and decides nothing by it */
  language: number
  /** The digest of all that is in force for the application */
  revision: string
  /** The revision that this is the difference from; null: it is whole */
  since: string | null
  /** The application that it is made for */
  audience: string
  /** Whose actions can be decided */
  services: Array<string>
  /** The revision in force in each namespace */
  heads: Record<string, SnapshotHead | null>
  /** By their names, or what stands for them */
  policies: Record<string, SnapshotPolicy | null>
  /** By namespace, in the order in which they count */
  attachments: Record<string, Array<SnapshotAttachment> | null>
  /** The services by namespace; `authctl` has those of the daemon, which come first */
  declared: Record<string, Array<Record<string, unknown>> | null>
  /** The accounts above the owner of the application, top first */
  above: Array<AccountFacts>
  /** By their digests; of a difference, those that are new */
  documents: Record<string, SnapshotDocument>
  /** A compact JWS by a published key; null where tokens are signed by `JWT_SECRET` */
  signature: string | null
}

export interface SnapshotAttachment {
  to: Array<string>
  policies: Array<string>
  boundary: string | null
}

export interface SnapshotDocument {
  Statement: Array<Record<string, unknown>>
  /** Which statement of the policy each of them is, from 0 */
  at: Array<number>
}

export interface SnapshotHead {
  id: string
  number: number
}

export interface SnapshotPolicy {
  /** The digest of the document */
  document: string
  /** How much of the bounds of an account it takes */
  size: number
}

export interface SparedObject {
  kind: 'service' | 'document' | 'attachment' | 'invariant'
  name: string
  in_use: boolean
}

export interface StatementChange {
  verb: 'create' | 'update' | 'delete'
  sid: string | null
  index: number
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  elements: Array<ElementChange>
}

export interface StatementReport {
  policy: string
  hash: string
  /** Its number in the policy, from 0 */
  statement: number
  sid: string | null
  effect: 'Allow' | 'Deny'
  /** `file:line:column`, if that is known */
  source: string | null
}

export interface SuperAdminLogin {
  /** Compared in one canonical form: NFKC, case-folded, single script, no invisible characters */
  username: string
  /** At least 15 characters, at most 1024 bytes of UTF-8 after NFC; taken as it is: no trimming, no composition rules */
  password: string
  /** Names the application that signs in; becomes the `client_id` claim and is bound to the code and the session. Default `authctl`. Not the id of an application with service keys: that one proves itself at `/oauth/token` */
  client_id?: string | undefined
}

export interface Token {
  /** JWT, `typ: at+jwt` */
  access_token: string
  token_type: 'Bearer'
  /** Life of the access token in seconds */
  expires_in: number
  /** Opaque, prefix `authctl_rt_`, single use */
  refresh_token: string
}

export interface TokenReply {
  detail: string
  token: Token
}

export interface UserLogin {
  /** One phone number; E.164 preferred, national formats are read in the configured default region */
  number: string
  /** The one-time code */
  otp: string
  /** Names the application that signs in; becomes the `client_id` claim and is bound to the code and the session. Default `authctl`. Not the id of an application with service keys: that one proves itself at `/oauth/token` */
  client_id?: string | undefined
}

export interface WhoCanPage {
  items: Array<Account>
  next_cursor: string | null
}

export interface WhoCanQuestion {
  /** `service:Verb` */
  action: string
  /** `type/path` */
  resource: string
  /** Context keys that the services declare; `request.*` only about another principal. Each of its declared type, and every one that is declared as always there */
  context?: Record<string, string | number | boolean | Array<string>> | undefined
  /** Items a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
}

export interface AccountsListQuery {
  role?: 'super-admin' | 'admin' | 'client' | 'sub-client' | 'user' | undefined
  /** A prefixed account id, never reused */
  parent_id?: string | undefined
  status?: 'active' | 'disabled' | undefined
  /** `name:value`: accounts with this attribute */
  attribute?: string | undefined
  /** Part of the id, name, username, e-mail address or phone number; case does not matter */
  text?: string | undefined
  /** Items a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
}

export interface ApplicationsListQuery {
  /** A prefixed account id, never reused */
  owner_id?: string | undefined
  /** Items a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
}

export interface PoliciesListQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
  /** Items a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
}

export interface PoliciesDropShadowQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
}

export interface PoliciesStatusQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
}

export interface PoliciesRevisionsQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
  /** Items a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
}

export interface PoliciesRevisionQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
}

export interface SnapshotsGetQuery {
  /** Whose actions are decided, such as `orders,billing`; all that are declared, if you name none */
  services?: string | undefined
  /** The `revision` that you have */
  since?: string | undefined
}

export interface SnapshotsAccountsQuery {
  /** Up to 200 ids, joined by commas; what is none is missing */
  ids?: string | undefined
  /** A prefixed account id, never reused */
  below?: string | undefined
  /** Accounts a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
  /** Made up by you: the signature names it, so that nobody answers with what was said before */
  nonce?: string | undefined
}

export interface SnapshotsEventsQuery {
  /** Whose actions are decided, such as `orders,billing`; all that are declared, if you name none */
  services?: string | undefined
  /** The `position` of the last change that you have seen */
  after?: string | undefined
  /** Made up by you: the signature names it, so that nobody answers with what was said before */
  nonce?: string | undefined
}

export interface SnapshotsChangesQuery {
  /** Whose actions are decided, such as `orders,billing`; all that are declared, if you name none */
  services?: string | undefined
  /** The `position` of the last change that you have seen */
  after?: string | undefined
  /** The `revision` that you have */
  revision?: string | undefined
  /** Seconds */
  wait?: number | undefined
  /** Made up by you: the signature names it, so that nobody answers with what was said before */
  nonce?: string | undefined
}

export interface AgentsListQuery {
  /** Items a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
}

export interface AttachmentsGetQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
}

export interface AttachmentsPutQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
}

export interface ServicesPutQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
}

export interface ServicesDeleteQuery {
  /** Whose: `root`, or the id of an admin or client. Your own, if you name none. */
  namespace?: string | undefined
}

export interface PlacesListQuery {
  /** `minLon,minLat,maxLon,maxLat` (RFC 7946 section 5; minLon > maxLon crosses the antimeridian) */
  bbox?: string | undefined
  /** `longitude,latitude`: longitude first, as in GeoJSON, and unlike most maps and `GeolocationCoordinates` */
  near?: string | undefined
  /** Metres around `near`; default 5000 */
  radius?: number | undefined
  type?: 'ev-charger' | 'swap-station' | undefined
  /** Items a page */
  limit?: number | undefined
  /** Opaque; the `next_cursor` of the previous page */
  cursor?: string | undefined
}

/** Every stable error code, with what it means. */
export type ErrorCode =
  /** A path parameter, query parameter, header or body field is missing, unknown or malformed; `errors` names each. */
  | 'invalid_request'
  /** The body is not one well-formed JSON object in UTF-8, or is nested too deeply or has too many keys. */
  | 'invalid_json'
  /** The number is not exactly one valid phone number. Send it in E.164 form, such as +919876543210. */
  | 'invalid_phone'
  /** The number is valid, but codes are not sent to its country or to its kind of number. The operator decides which are (`AUTHCTL_SMS_COUNTRIES`, `AUTHCTL_SMS_NUMBER_TYPES`). */
  | 'phone_not_served'
  /** The password is too short, too long, one of those that are tried first, or little more than names of its owner or of the service: `errors` says which. What was sent is not repeated. */
  | 'password_unacceptable'
  /** A refresh key is already set: send it as `old_key` to change it. */
  | 'old_key_required'
  /** Authentication required: the request has no `Authorization: Bearer` header. Sign in and send the access token. */
  | 'authentication_required'
  /** The token is malformed, expired, revoked, of the wrong kind, or its account is no longer active. Refresh it or sign in again. */
  | 'invalid_token'
  /** The account is unknown or not active, or the secret is wrong, expired or already used. */
  | 'invalid_credentials'
  /** The refresh token is unknown, expired, revoked, already rotated, or belongs to another application. Sign in again. */
  | 'invalid_grant'
  /** The application is unknown or not active, its secret or assertion is wrong, expired or already used, or it has not said who it is. Send `client_id`, and authenticate in one way if the application has a key. */
  | 'invalid_client'
  /** The application may not ask for a token in this way. */
  | 'unauthorized_client'
  /** There is no such `grant_type` here; `grant_types_supported` of `/.well-known/oauth-authorization-server` lists those that there are. */
  | 'unsupported_grant_type'
  /** A service key ends by `applications rotate`, a device code by itself; access tokens and refresh tokens are revoked here. */
  | 'unsupported_token_type'
  /** Nobody has let this device in yet. Ask again after `interval` seconds. */
  | 'authorization_pending'
  /** The device asks too often: wait five seconds longer between two questions from now on. */
  | 'slow_down'
  /** Somebody has decided that this device is not let in. */
  | 'access_denied'
  /** Nobody has let this device in in time. Begin again with a new device code. */
  | 'expired_token'
  /** The scope is unknown, malformed, or more than may be asked for. Leave it out, or ask for less. */
  | 'invalid_scope'
  /** No refresh key is set for this account or the key is wrong. Five wrong keys lock it until the next full sign-in. */
  | 'invalid_refresh_key'
  /** The set-up token is wrong, expired or already used. The daemon writes the current one to `setup-token` in its data directory. */
  | 'invalid_setup_token'
  /** The account is signed in but may not do this. */
  | 'forbidden'
  /** The change would give a right that this account does not have itself; `errors` names the first, with a request that shows it. */
  | 'exceeds_ceiling'
  /** The refresh key was guessed wrongly five times. Sign in in full once to unlock it. */
  | 'refresh_key_locked'
  /** There is no such path, or no such object that this account can see. */
  | 'not_found'
  /** The path exists but not with this method; the `Allow` header lists those it has. */
  | 'method_not_allowed'
  /** The username, or the phone number within this role, is already taken. */
  | 'account_exists'
  /** There is a place with this id already. Replace it with PUT, or send another id, or none. */
  | 'place_exists'
  /** A super-admin exists. Sign in as that account and create further ones. */
  | 'already_bootstrapped'
  /** The last active super-admin can be neither disabled nor deleted. */
  | 'last_super_admin'
  /** Other accounts stand below this one. Delete those first, or disable it: that cuts them off as well. */
  | 'has_children'
  /** Something needs what would be taken away: an account or an attachment names the policy, or a policy names what the service declared. Detach it, or change that first. */
  | 'policy_in_use'
  /** The set names objects that another set owns or that were made by hand; `errors` names each. Adopt them by name, or name yours otherwise. */
  | 'policy_conflict'
  /** The policies have changed since the plan was made; `errors` names what. Make a new plan, and look at it again. */
  | 'plan_stale'
  /** More accounts would gain or lose rights, or more objects would be deleted, than the request allows; `errors` names each limit. */
  | 'limits_exceeded'
  /** After this change you could not undo it: your own account would lose a right that it could not give itself again. Another super-admin can make it. */
  | 'would_lock_out'
  /** An invariant lets two accounts change these objects together only: make a plan, let another account approve it, and apply it with the approval. */
  | 'approval_required'
  /** After this change an invariant of the namespace, or of one above, would not hold, or could not be shown to; `errors` names each, with a request that breaks it. */
  | 'invariant_broken'
  /** There is no room for one more; `detail` says of what there are too many. */
  | 'limit_reached'
  /** A request with this `Idempotency-Key` is still running. Repeat it after `Retry-After` seconds. */
  | 'idempotency_in_progress'
  /** The object is not in the state that `If-Match` or `If-None-Match` names. Read it again and repeat the change on what is there now. */
  | 'precondition_failed'
  /** The body exceeds the limit of this route. */
  | 'body_too_large'
  /** Bodies are `application/json` in UTF-8 without content encoding. */
  | 'unsupported_media_type'
  /** This `Idempotency-Key` was used for a different request. Use a new key. */
  | 'idempotency_mismatch'
  /** The text is not a valid policy, service or list of attachments; `errors` names each place as `file:line:column` with a code of the policy reference. */
  | 'policy_invalid'
  /** The plan was changed, expired, is of another server, or is of other files or options than those sent with it. Make a new plan. */
  | 'plan_invalid'
  /** The object exists: read it, and send its `ETag` as `If-Match`, so that nobody else’s change is lost. */
  | 'precondition_required'
  /** A limit was reached. Repeat the request after `Retry-After` seconds. */
  | 'rate_limited'
  /** A defect in authctl. The operator finds the cause in the log under the request id in `instance`. */
  | 'internal'
  /** More is asked than can be answered in time, or too many sign-ins are being verified. Repeat the request after `Retry-After` seconds. */
  | 'overloaded'
  /** The store cannot be reached, the daemon is shutting down, or it has to be restarted. Repeat the request after `Retry-After` seconds. */
  | 'unavailable'
  | 'server_error'
  | 'temporarily_unavailable'
