/**
 * The error catalogue: every code a caller can receive, with the HTTP status, the title and what to do about
 * it. Codes are stable for ever; docs, OpenAPI and the SDK's code union derive from this table. Shape on the
 * wire: RFC 9457 `application/problem+json`.
 */
export const ERRORS = {
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    meaning:
      'A path parameter, query parameter, header or body field is missing, unknown or malformed; `errors` names each.',
  },
  invalid_json: {
    status: 400,
    title: 'Invalid JSON',
    meaning:
      'The body is not one well-formed JSON object in UTF-8, or is nested too deeply or has too many keys.',
  },
  invalid_phone: {
    status: 400,
    title: 'Invalid phone number',
    meaning:
      'The number is not exactly one valid phone number. Send it in E.164 form, such as +919876543210.',
  },
  phone_not_served: {
    status: 400,
    title: 'Phone number not served',
    meaning:
      'The number is valid, but codes are not sent to its country or to its kind of number. The operator decides which are (`AUTHCTL_SMS_COUNTRIES`, `AUTHCTL_SMS_NUMBER_TYPES`).',
  },
  password_unacceptable: {
    status: 400,
    title: 'Password not acceptable',
    meaning:
      'The password is too short, too long, one of those that are tried first, or little more than names of its owner or of the service: `errors` says which. What was sent is not repeated.',
  },
  old_key_required: {
    status: 400,
    title: 'Old key required',
    meaning: 'A refresh key is already set: send it as `old_key` to change it.',
  },
  authentication_required: {
    status: 401,
    title: 'Authentication required',
    meaning:
      'Authentication required: the request has no `Authorization: Bearer` header. Sign in and send the access token.',
  },
  invalid_token: {
    status: 401,
    title: 'Invalid token',
    meaning:
      'The token is malformed, expired, revoked, of the wrong kind, or its account is no longer active. Refresh it or sign in again.',
  },
  invalid_credentials: {
    status: 401,
    title: 'Invalid credentials',
    meaning: 'The account is unknown or not active, or the secret is wrong, expired or already used.',
  },
  invalid_grant: {
    status: 401,
    title: 'Invalid refresh token',
    meaning:
      'The refresh token is unknown, expired, revoked, already rotated, or belongs to another application. Sign in again.',
  },
  invalid_client: {
    status: 401,
    title: 'Invalid client',
    meaning:
      'The application is unknown or not active, its secret or assertion is wrong, expired or already used, or it has not said who it is. Send `client_id`, and authenticate in one way if the application has a key.',
  },
  unauthorized_client: {
    status: 400,
    title: 'Not for this client',
    meaning: 'The application may not ask for a token in this way.',
  },
  unsupported_grant_type: {
    status: 400,
    title: 'Unsupported grant type',
    meaning:
      'There is no such `grant_type` here; `grant_types_supported` of `/.well-known/oauth-authorization-server` lists those that there are.',
  },
  unsupported_token_type: {
    status: 400,
    title: 'No token that can be revoked',
    meaning:
      'A service key ends by `applications rotate`, a device code by itself; access tokens and refresh tokens are revoked here.',
  },
  authorization_pending: {
    status: 400,
    title: 'Nobody has decided yet',
    meaning: 'Nobody has let this device in yet. Ask again after `interval` seconds.',
  },
  slow_down: {
    status: 400,
    title: 'Asked too soon',
    meaning: 'The device asks too often: wait five seconds longer between two questions from now on.',
  },
  access_denied: {
    status: 400,
    title: 'Denied',
    meaning: 'Somebody has decided that this device is not let in.',
  },
  expired_token: {
    status: 400,
    title: 'Device code expired',
    meaning: 'Nobody has let this device in in time. Begin again with a new device code.',
  },
  invalid_scope: {
    status: 400,
    title: 'Invalid scope',
    meaning: 'The scope is unknown, malformed, or more than may be asked for. Leave it out, or ask for less.',
  },
  invalid_refresh_key: {
    status: 401,
    title: 'Invalid refresh key',
    meaning:
      'No refresh key is set for this account or the key is wrong. Five wrong keys lock it until the next full sign-in.',
  },
  invalid_setup_token: {
    status: 401,
    title: 'Invalid set-up token',
    meaning:
      'The set-up token is wrong, expired or already used. The daemon writes the current one to `setup-token` in its data directory.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    meaning: 'The account is signed in but may not do this.',
  },
  exceeds_ceiling: {
    status: 403,
    title: 'Exceeds the ceiling',
    meaning:
      'The change would give a right that this account does not have itself; `errors` names the first, with a request that shows it.',
  },
  refresh_key_locked: {
    status: 403,
    title: 'Refresh key locked',
    meaning: 'The refresh key was guessed wrongly five times. Sign in in full once to unlock it.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    meaning: 'There is no such path, or no such object that this account can see.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The path exists but not with this method; the `Allow` header lists those it has.',
  },
  account_exists: {
    status: 409,
    title: 'Account exists',
    meaning: 'The username, or the phone number within this role, is already taken.',
  },
  place_exists: {
    status: 409,
    title: 'Place exists',
    meaning: 'There is a place with this id already. Replace it with PUT, or send another id, or none.',
  },
  already_bootstrapped: {
    status: 409,
    title: 'Already bootstrapped',
    meaning: 'A super-admin exists. Sign in as that account and create further ones.',
  },
  last_super_admin: {
    status: 409,
    title: 'Last super-admin',
    meaning: 'The last active super-admin can be neither disabled nor deleted.',
  },
  has_children: {
    status: 409,
    title: 'Accounts below',
    meaning:
      'Other accounts stand below this one. Delete those first, or disable it: that cuts them off as well.',
  },
  policy_in_use: {
    status: 409,
    title: 'Policy in use',
    meaning:
      'Something needs what would be taken away: an account or an attachment names the policy, or a policy names what the service declared. Detach it, or change that first.',
  },
  policy_conflict: {
    status: 409,
    title: 'Object of another owner',
    meaning:
      'The set names objects that another set owns or that were made by hand; `errors` names each. Adopt them by name, or name yours otherwise.',
  },
  plan_stale: {
    status: 409,
    title: 'Plan out of date',
    meaning:
      'The policies have changed since the plan was made; `errors` names what. Make a new plan, and look at it again.',
  },
  limits_exceeded: {
    status: 409,
    title: 'Limits exceeded',
    meaning:
      'More accounts would gain or lose rights, or more objects would be deleted, than the request allows; `errors` names each limit.',
  },
  would_lock_out: {
    status: 409,
    title: 'Would lock out',
    meaning:
      'After this change you could not undo it: your own account would lose a right that it could not give itself again. Another super-admin can make it.',
  },
  approval_required: {
    status: 403,
    title: 'Approval required',
    meaning:
      'An invariant lets two accounts change these objects together only: make a plan, let another account approve it, and apply it with the approval.',
  },
  invariant_broken: {
    status: 409,
    title: 'Invariant broken',
    meaning:
      'After this change an invariant of the namespace, or of one above, would not hold, or could not be shown to; `errors` names each, with a request that breaks it.',
  },
  limit_reached: {
    status: 409,
    title: 'Limit reached',
    meaning: 'There is no room for one more; `detail` says of what there are too many.',
  },
  idempotency_in_progress: {
    status: 409,
    title: 'Still in progress',
    meaning: 'A request with this `Idempotency-Key` is still running. Repeat it after `Retry-After` seconds.',
  },
  precondition_failed: {
    status: 412,
    title: 'Changed meanwhile',
    meaning:
      'The object is not in the state that `If-Match` or `If-None-Match` names. Read it again and repeat the change on what is there now.',
  },
  body_too_large: {
    status: 413,
    title: 'Body too large',
    meaning: 'The body exceeds the limit of this route.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    meaning: 'Bodies are `application/json` in UTF-8 without content encoding.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'This `Idempotency-Key` was used for a different request. Use a new key.',
  },
  policy_invalid: {
    status: 422,
    title: 'Invalid policy',
    meaning:
      'The text is not a valid policy, service or list of attachments; `errors` names each place as `file:line:column` with a code of the policy reference.',
  },
  plan_invalid: {
    status: 422,
    title: 'Not a plan of this',
    meaning:
      'The plan was changed, expired, is of another server, or is of other files or options than those sent with it. Make a new plan.',
  },
  precondition_required: {
    status: 428,
    title: 'Precondition required',
    meaning:
      'The object exists: read it, and send its `ETag` as `If-Match`, so that nobody else’s change is lost.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    meaning: 'A limit was reached. Repeat the request after `Retry-After` seconds.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    meaning:
      'A defect in authctl. The operator finds the cause in the log under the request id in `instance`.',
  },
  overloaded: {
    status: 503,
    title: 'Overloaded',
    meaning:
      'More is asked than can be answered in time, or too many sign-ins are being verified. Repeat the request after `Retry-After` seconds.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning:
      'The store cannot be reached, the daemon is shutting down, or it has to be restarted. Repeat the request after `Retry-After` seconds.',
  },
} as const satisfies Record<string, { status: number; title: string; meaning: string }>

/** A stable error code of the catalogue. */
export type ErrorCode = keyof typeof ERRORS
