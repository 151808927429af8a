import { KINDS } from '../kinds.ts'
import { usageProblem } from '../problem.ts'

/** The form of something that is typed: what it is called, and what it looks like. */
interface Form {
  readonly noun: string
  readonly pattern: RegExp
  readonly rule: string
}

const NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}'
const NAMESPACE = '(?:root|(?:adm|cli)_[0-9a-z]{26})'

const ID_PREFIXES = KINDS.map(({ idPrefix }) => idPrefix).join('|')

/** As the daemon has them; a test compares the two. */
export const FORMS = {
  action: {
    noun: 'an action',
    pattern: /^[a-z][a-z0-9-]{0,31}:[A-Z][A-Za-z0-9]{0,63}$/,
    rule: 'An action is service:Verb, such as orders:Read.',
  },
  resource: {
    noun: 'a resource',
    pattern: /^[a-z][A-Za-z0-9-]{0,31}(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~@:+=,-]+)+$/,
    rule: 'A resource is type/path, such as order/42.',
  },
  account: {
    noun: 'the id of an account',
    pattern: new RegExp(`^(${ID_PREFIXES})_[0-9a-z]{26}$`),
    rule: 'An id is a prefix and 26 letters and digits, such as cli_01jb2m8x7qe4r5t6y7u8i9o0pa; the lists show them: authctl clients list.',
  },
  namespace: {
    noun: 'a namespace',
    pattern: new RegExp(`^${NAMESPACE}$`),
    rule: 'A namespace is root, or the whole id of an admin or client.',
  },
  policy: {
    noun: 'the name of a policy',
    pattern: new RegExp(`^(?:authctl:|${NAMESPACE}/)?${NAME}$`),
    rule: 'A policy is NAME of your own namespace, root/NAME or ID/NAME of another, or authctl:NAME, such as root/read-only.',
  },
  service: {
    noun: 'the name of a service',
    pattern: /^[a-z][a-z0-9-]{0,31}$/,
    rule: 'A service has small letters, digits and -, such as orders.',
  },
  attribute: {
    noun: 'an attribute',
    pattern: /^(?!__proto__$|constructor$|prototype$)[A-Za-z_][A-Za-z0-9_-]{0,63}$/,
    rule: 'An attribute is NAME=VALUE, such as tier=gold; the name has letters, digits, _ and -.',
  },
  contextKey: {
    noun: 'a context key',
    pattern: /^(?!principal\.|caller\.|__proto__)[a-z][A-Za-z0-9-]*(?:\.[A-Za-z0-9_-]+)+$/,
    rule: 'A context key is one that a service declares, such as orders.total; principal.* and caller.* are for the server to say.',
  },
  context: {
    noun: 'the name of a context',
    pattern: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    rule: 'A context has letters, digits, ., _ and -, such as production.',
  },
  session: {
    noun: 'the id of a session',
    pattern: /^ses_[0-9a-z]{26}$/,
    rule: 'An id is ses_ and 26 letters and digits; the list shows them: authctl sessions list.',
  },
  principal: {
    noun: 'the id of an account or an application',
    pattern: new RegExp(`^(${ID_PREFIXES}|app)_[0-9a-z]{26}$`),
    rule: 'An id is a prefix and 26 letters and digits, such as cli_01jb2m8x7qe4r5t6y7u8i9o0pa; the lists show them: authctl clients list, authctl applications list.',
  },
  application: {
    noun: 'the id of an application',
    pattern: /^app_[0-9a-z]{26}$/,
    rule: 'An id is app_ and 26 letters and digits; the list shows them: authctl applications list.',
  },
  decision: {
    noun: 'the id of a decision',
    pattern: /^[A-Za-z0-9_-]{16,}$/,
    rule: 'It is the decision_id of a denial, as `access check --json`, a refused request and the log show it.',
  },
  email: {
    noun: 'an e-mail address',
    pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
    rule: 'An e-mail address is name@domain, such as asha@example.com.',
  },
} satisfies Readonly<Record<string, Form>>

/** The text, if it has the form. Throws `Problem` `usage` with an example. */
export const requireForm = (form: keyof typeof FORMS, text: string): string => {
  const { noun, pattern, rule } = FORMS[form]
  if (pattern.test(text)) return text
  throw usageProblem(`${JSON.stringify(text)} is not ${noun}`, rule)
}

/** What an argument or flag that has a form says of its reading. */
export const formed = (form: keyof typeof FORMS) => ({
  parse: (text: string): Promise<string> => Promise.resolve().then(() => requireForm(form, text)),
})
