import {
  BOUNDS,
  BUILT_IN_KEYS,
  type LocalPart,
  localPartOf,
  MANAGED_POLICIES,
  type Operator,
  OPERATORS,
} from '../policies/index.ts'
import { type DiagnosticKind, DIAGNOSTICS } from '../policies/validate/index.ts'
import { page, table } from './markdown.ts'

const RULES: Readonly<Record<Operator['family'], string>> = {
  string: 'equal character by character, after variables are replaced',
  like: '`*` is any run of characters, `?` exactly one, over the whole value',
  number: 'decimal numbers of at most 15 digits and 6 decimals, exactly',
  date: 'instants: ISO 8601 with `Z` or an offset, or epoch seconds',
  bool: '`true` or `false`',
  ip: 'an address or a network (CIDR); IPv4 and IPv6 never match each other, IPv4-mapped IPv6 is IPv4',
  size: 'how many different values a key has, of at most six digits; a missing key has 0',
  null: '`"true"`: the key is absent; `"false"`: it is there',
}

const LOCAL_RULES: Readonly<Record<LocalPart, string>> = {
  time: 'the time of day in a zone: `08:00-18:00 Asia/Kolkata`, the second time not included; `22:00-06:00 …` goes over midnight',
  weekday: 'the day of the week in a zone: `Mon-Fri Asia/Kolkata`, both included, or `Sat Europe/Berlin`',
}

const ruleOf = (operator: Operator): string => {
  const part = localPartOf(operator)
  return part === undefined ? RULES[operator.family] : LOCAL_RULES[part]
}

const operators = (): string =>
  table(
    ['operator', 'rule', 'when the key is missing'],
    [...OPERATORS].map(([name, operator]) => [
      `\`${name}\``,
      `${operator.negated ? 'not: ' : ''}${ruleOf(operator)}${operator.ignoreCase === true ? '; ASCII letters fold' : ''}`,
      operator.family === 'null'
        ? 'as it says'
        : operator.family === 'size'
          ? 'it has 0'
          : operator.negated
            ? 'holds'
            : 'does not hold',
    ]),
  )

/** What there is to say of a built-in context key. */
const KEY_NOTES: Readonly<Record<string, string>> = {
  'principal.id': 'the owner of the layer',
  'principal.path': 'ids from the top of the tree, joined by /',
  'caller.id': 'the account that asks',
  'resource.*': 'what the application says of the resource',
  'request.mfa': 'absent: the server knows of no second factor yet; only an application can say it',
}

const keys = (): string =>
  table(
    ['key', 'type', 'in every request', ''],
    Object.entries(BUILT_IN_KEYS).map(([name, { type, always }]) => [
      `\`${name}\``,
      type,
      always ? 'yes' : 'no',
      KEY_NOTES[name] ?? '',
    ]),
  )

/** Limits as words: `patternsPerElement` is "patterns per element". */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

const shortened = (example: string): string =>
  example.length <= 400 ? example : `${example.slice(0, 120)}…${example.slice(-60)}`

const diagnostic = ([code, { severity, title, fix, example }]: [string, DiagnosticKind]): string =>
  [`### ${code}`, `*${severity}* · ${title}. ${fix}`, `\`\`\`json\n${shortened(example)}\n\`\`\``].join(
    '\n\n',
  )

/** The page of the policy language. */
export const policiesPage = (): string =>
  page(
    'Policies',
    'The language of `policies/`, made of its tables. A request is decided by the layers of the caller and of every account above it: a matching Deny anywhere denies; otherwise every layer needs a matching Allow. What no policy allows is denied.',
    '## Operators',
    'All operators of a `Condition` and all keys of an operator must hold; of several values one must, and with a negated operator none may. `…IfExists` also holds when the key is missing. `ForAnyValue:` and `ForAllValues:` are for keys with several values: a missing or empty key fails the first and satisfies the second.',
    operators(),
    'A value of `Numeric…`, `Date…`, `IpAddress` and `NotIpAddress` may also be one variable, alone: `{"NumericLessThan": {"orders.total": "${principal.attributes.limit, \'0\'}"}}` compares two keys. Where a variable is missing and has no default, the comparison is not met. An attribute of an account that is no number, instant or network meets every Deny and no Allow; a question whose `resource.…` says such a thing is refused.',
    '## Context keys',
    "`principal.*` is the owner of the layer that is looked at, `caller.*` is the account that asks. Each is also a variable: `${key}`, or `${key, 'default'}`.",
    keys(),
    '## Limits',
    table(
      ['what', 'at most'],
      Object.entries(BOUNDS).map(([name, value]) => [words(name), String(value)]),
    ),
    '## Managed policies',
    'Each account has the one of its role. They are named `authctl:Id` and come with the release; nobody can change them.',
    ...MANAGED_POLICIES.map(
      (document) =>
        `### authctl:${document.Id}\n\n${document.Description ?? ''}\n\n\`\`\`json\n${JSON.stringify(document.Statement, null, 2)}\n\`\`\``,
    ),
    '## Diagnostics',
    'What the validator refuses (errors) and lint advises against (warnings), each with the smallest document or statement that shows it.',
    ...Object.entries<DiagnosticKind>(DIAGNOSTICS).map(diagnostic),
  )
