/** The hosts of the pages that codes are for, by application; `*` is that of all others. */
export type SmsHosts = Readonly<Record<string, string>>

/** What the text of a code is made of. */
export interface CodeText {
  readonly code: string
  readonly applicationId: string
}

/** The host that the code of an application is bound to, if any. */
export const hostOf = (hosts: SmsHosts, applicationId: string): string | undefined =>
  Object.hasOwn(hosts, applicationId) ? hosts[applicationId] : hosts['*']

/**
 * The whole message of a code that is bound to a page: it ends in the line `@host #code`, by which a browser
 * hands the code to that page and to no other (WICG: origin-bound one-time codes). Undefined for an
 * application whose page is not known: the text is then the receiver's own.
 */
export const smsText = (hosts: SmsHosts, { code, applicationId }: CodeText): string | undefined => {
  const host = hostOf(hosts, applicationId)
  return host === undefined
    ? undefined
    : `${code} is your code. Do not tell it to anybody.\n\n@${host} #${code}`
}
