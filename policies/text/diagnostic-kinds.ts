/** What one code means; its example is checked by a test and shown in the documentation. */
export interface DiagnosticKind {
  readonly severity: 'error' | 'warning'
  readonly title: string
  readonly fix: string
  /**
   * What shows it: a statement, a document (`Version` first), a service (`service` first), or text that is no
   * JSON.
   */
  readonly example: string
}

const error = (title: string, fix: string, example: string): DiagnosticKind => ({
  severity: 'error',
  title,
  fix,
  example,
})

const warning = (title: string, fix: string, example: string): DiagnosticKind => ({
  severity: 'warning',
  title,
  fix,
  example,
})

/** Every diagnostic of the validator and of lint. The codes never change. */
export const DIAGNOSTICS = {
  E_JSON: error(
    'The text is not JSON, or in a .yaml file not plain YAML',
    'Write strict JSON (RFC 8259): double quotes, no comments, no trailing commas, UTF-8 without a byte order mark.',
    '{"Effect": "Allow",}',
  ),
  E_DUP_KEY: error(
    'A key is there twice',
    'Keep one. JSON parsers silently take the last, so a Deny could vanish.',
    '{"Effect": "Deny", "Effect": "Allow", "Action": "orders:Read", "Resource": "*"}',
  ),
  E_UNKNOWN_KEY: error(
    'There is no such element',
    'Elements are written exactly as in the reference; what is not known would be ignored, and is refused instead.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Conditions": {}}',
  ),
  E_VERSION: error(
    'The version is missing or another',
    'Write "Version": "authctl/1".',
    '{"Version": "2012-10-17", "Id": "x", "Statement": [{"Effect": "Allow", "Action": "orders:Read", "Resource": "*"}]}',
  ),
  E_EFFECT: error(
    'The effect is neither Allow nor Deny',
    'Write "Effect": "Allow" or "Effect": "Deny".',
    '{"Effect": "allow", "Action": "orders:Read", "Resource": "*"}',
  ),
  E_EXCLUSIVE: error(
    'Exactly one of several elements is wanted',
    'Write exactly one of those that the message names.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "NotResource": "order/secret"}',
  ),
  E_EMPTY_LIST: error(
    'A list is empty',
    'Name at least one, or leave the element out. An empty list would match nothing, and its complement everything.',
    '{"Effect": "Allow", "Action": [], "Resource": "*"}',
  ),
  E_ACTION_UNKNOWN: error(
    'No service declares such an action',
    'Actions are service:Verb in the case in which they are declared, with wildcards in the verb only; or * alone.',
    '{"Effect": "Allow", "Action": "orders:Raed", "Resource": "*"}',
  ),
  E_RESOURCE_SYNTAX: error(
    'This is not a resource pattern',
    'Resources are type/path: letters, digits and ._~@:+=,/- with wildcards and ${variables}, no empty, . or .. segment, 512 characters at most; or * alone.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order//7"}',
  ),
  E_RESOURCE_ACTION_MISMATCH: error(
    'No action of the statement acts on this type of resource',
    'Such a pattern can never match. Name the type that the actions act on, or the actions of this type.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "invoice/*"}',
  ),
  E_WILDCARD_LIMIT: error(
    'A pattern has more than eight wildcards',
    'Split it into several patterns.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/*a*b*c*d*e*f*g*h*i"}',
  ),
  E_KEY_UNKNOWN: error(
    'No service declares such a context key',
    'Keys are compared exactly. Declare it in the service, or correct its name: an unknown key is always missing.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"Bool": {"request.mfaa": true}}}',
  ),
  E_KEY_NOT_APPLICABLE: error(
    'Requests for these actions never have this key',
    'Use it with the actions that declare it, or add it to the keys of the action in the service.',
    '{"Effect": "Allow", "Action": "orders:List", "Resource": "*", "Condition": {"NumericLessThan": {"orders.total": 100}}}',
  ),
  E_OP_UNKNOWN: error(
    'There is no such operator',
    'Use an operator of the table; Null takes neither IfExists nor a set prefix.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"StringEqual": {"caller.id": "a"}}}',
  ),
  E_OP_TYPE: error(
    'The operator is for another type of key',
    'Compare numbers with Numeric…, instants with Date…, addresses with IpAddress, booleans with Bool, texts with String….',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"StringEquals": {"request.ip": "10.0.0.1"}}}',
  ),
  E_SET_REQUIRED: error(
    'A key with several values needs ForAllValues: or ForAnyValue:',
    'Say whether all or any of its values must meet the condition.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"StringEquals": {"orders.tags": "a"}}}',
  ),
  E_SET_FORBIDDEN: error(
    'A key with one value takes no set operator',
    'Leave the prefix out. With ForAllValues: a missing key would satisfy the condition.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"caller.id": "a"}}}',
  ),
  E_FORALL_UNGUARDED: error(
    'ForAllValues: in an Allow also allows when there is no value at all',
    'Add {"Null": {key: "false"}} to the condition.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"orders.tags": "a"}}}',
  ),
  E_VAR_SYNTAX: error(
    'This is not a variable',
    "Write ${key}, ${key, 'default'}, or ${*}, ${?} and ${$} for the characters themselves.",
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/${caller.id"}',
  ),
  E_VAR_UNGUARDED: error(
    'A variable may be missing and has no default',
    "Its pattern would match nothing, and a Deny would be passed over. Write ${key, 'default'}, or require the key in a condition.",
    '{"Effect": "Deny", "Action": "orders:Read", "Resource": "order/${caller.attributes.team}/*"}',
  ),
  E_VAR_MULTIVALUED: error(
    'A key with several values cannot be a variable',
    'Use a key with one value.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/${orders.tags}"}',
  ),
  E_VALUE: error(
    'A value cannot be read',
    'Write what the message asks for; what each operator takes is in the table of operators.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"IpAddress": {"request.ip": "10.0.0.1/8"}}}',
  ),
  E_SID_DUP: error(
    'Two statements have the same Sid',
    'Give each its own: denials and explanations name it.',
    '{"Version": "authctl/1", "Id": "x", "Statement": [{"Sid": "A", "Effect": "Allow", "Action": "orders:Read", "Resource": "*"}, {"Sid": "A", "Effect": "Allow", "Action": "orders:List", "Resource": "*"}]}',
  ),
  E_LIMIT: error(
    'A bound of the language is passed',
    'Split it, or leave out what is not needed; all bounds are in the table of limits.',
    `{"Effect": "Allow", "Action": "orders:Read", "Resource": "*", "Condition": {"StringEquals": {"caller.id": "${'a'.repeat(2049)}"}}}`,
  ),
  E_ALLOW_NOT_STAR: error(
    'An Allow of everything but something',
    'It would also allow whatever is added later. Allow what is meant, and Deny the exception.',
    '{"Effect": "Allow", "NotAction": "orders:Read", "Resource": "*"}',
  ),
  E_REF: error(
    'A name that is not declared',
    'Declare it, or correct the name.',
    '{"service": "orders", "actions": {"Read": {"resources": ["oder"]}}, "resource_types": {"order": {}}}',
  ),
  W_NEVER_ATTACHED: warning(
    'A policy that nothing attaches',
    'Attach it, or delete it; attachments of other sets and by hand are not seen here.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/1"}',
  ),
  E_CYCLE: error(
    'A principal that stands above itself',
    'Let the creators end at a principal without one.',
    '{"principals": {"a": {"role": "client", "creator": "b"}, "b": {"role": "admin", "creator": "a"}}, "cases": []}',
  ),
  W_STAR_STAR: warning(
    'Everything on everything is allowed',
    'Name the actions and resources that are meant; the managed policy authctl:InheritCreator is for those who may do all that their creator may.',
    '{"Effect": "Allow", "Action": "*", "Resource": "*"}',
  ),
  W_BROAD_ACTION: warning(
    'All actions of a service are allowed',
    'Name the verbs: new ones would be allowed unseen.',
    '{"Effect": "Allow", "Action": "orders:*", "Resource": "order/a"}',
  ),
  W_BROAD_RESOURCE: warning(
    'All resources are allowed',
    'Name the type and where it lies, such as order/${principal.path}/*.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*"}',
  ),
  W_ESCALATION: warning(
    'An action is allowed that changes what others may do',
    'Give it to few, under a boundary.',
    '{"Effect": "Allow", "Action": "authctl:AttachPolicy", "Resource": "account/a"}',
  ),
  W_ALLOW_NOT: warning(
    'An Allow by complement',
    'Name what is allowed: what is added later would be allowed unseen.',
    '{"Effect": "Allow", "Action": "orders:Read", "NotResource": "order/secret"}',
  ),
  W_NEG_MISSING: warning(
    'A negated operator holds for more than it seems to',
    'Add {"Null": {key: "false"}} if the key must be there.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"NotIpAddress": {"request.ip": "10.0.0.0/8"}}}',
  ),
  W_DENY_MISSING: warning(
    'A Deny that a request passes by not having a key',
    'Write …IfExists if it should deny then as well; add {"Null": {key: "false"}} if it should not.',
    '{"Effect": "Deny", "Action": "orders:Read", "Resource": "order/a", "Condition": {"IpAddress": {"request.ip": "10.0.0.0/8"}}}',
  ),
  W_MFA_FALSE: warning(
    'A second factor that is asked to be false',
    'Write BoolIfExists to match requests without one as well: the server never says that there is none, it leaves request.mfa out.',
    '{"Effect": "Deny", "Action": "orders:Read", "Resource": "order/a", "Condition": {"Bool": {"request.mfa": false}}}',
  ),
  W_SENSITIVE: warning(
    'A sensitive action is allowed broadly',
    'Name the action, and the resources on which it is meant; its service declares it as "sensitive": true.',
    '{"Effect": "Allow", "Action": "orders:P*", "Resource": "invoice/a"}',
  ),
  W_DEPRECATED_ACTION: warning(
    'An action is deprecated',
    'Name the action that its service declares as "replaced_by", beside it or instead.',
    '{"Effect": "Allow", "Action": "orders:Fetch", "Resource": "order/a"}',
  ),
  W_LAYER_ABOVE: warning(
    'Nothing is allowed to those above',
    'Attach a policy with these actions to the roles above as well: nobody has more than those above. What other sets attach is not seen here.',
    '{"attachments": [{"to": {"role": "client"}, "policies": "clerk"}]}',
  ),
  W_BOUNDARY_WITHOUT_ALLOW: warning(
    'A boundary without any Allow',
    'Allow in it what may be done: a boundary that allows nothing denies everything.',
    '{"attachments": [{"to": {"role": "client"}, "boundary": "no-refunds"}]}',
  ),
  W_ROLE_UNMANAGED: warning(
    'A role without the policy that comes with authctl for it',
    'Attach it, or one of your own in its place: without it the accounts of the role may not even sign out or read themselves.',
    '{"attachments": [{"to": {"role": "admin"}, "policies": "authctl:Admin"}]}',
  ),
  W_REDUNDANT_ACTION: warning(
    'An action is covered by another of the list',
    'Leave it out.',
    '{"Effect": "Allow", "Action": ["orders:R*", "orders:Read"], "Resource": "order/a"}',
  ),
  W_REDUNDANT_RESOURCE: warning(
    'A resource is covered by another of the list',
    'Leave it out.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": ["order/a/*", "order/a/b/*"]}',
  ),
  W_REDUNDANT_STATEMENT: warning(
    'Another statement says it already',
    'Leave it out.',
    '{"Version": "authctl/1", "Id": "x", "Statement": [{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/*"}, {"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"Bool": {"request.mfa": true}}}]}',
  ),
  W_SHADOWED: warning(
    'A Deny of the same document covers an Allow wholly',
    'Leave one of them out.',
    '{"Version": "authctl/1", "Id": "x", "Statement": [{"Effect": "Deny", "Action": "orders:Read", "Resource": "order/*"}, {"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a"}]}',
  ),
  W_UNREACHABLE: warning(
    'Something in a statement that no request can meet',
    'Correct it, or leave it out: it does nothing.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"Null": {"caller.attributes.team": "true"}, "StringEquals": {"caller.attributes.team": "a"}}}',
  ),
  W_LIKE_WITHOUT_WILDCARD: warning(
    'A pattern without a wildcard',
    'Use StringEquals, or write the wildcard that was meant.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"StringLike": {"caller.id": "cli_a"}}}',
  ),
  W_WILDCARD_IN_EQUALS: warning(
    'A wildcard where characters are compared',
    'Use StringLike if the wildcard is one; write ${*} or ${?} if it is a character.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"StringEquals": {"caller.id": "cli_*"}}}',
  ),
  W_PAST_DATE: warning(
    'A date that is over',
    'Remove the statement or the condition: it no longer changes anything.',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"DateLessThan": {"request.time": "2020-01-01T00:00:00Z"}}}',
  ),
} as const satisfies Readonly<Record<string, DiagnosticKind>>

/** The code of a diagnostic: `E_…` is an error, `W_…` a warning. */
export type DiagnosticCode = keyof typeof DIAGNOSTICS
