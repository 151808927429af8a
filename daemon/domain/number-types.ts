/**
 * The kinds of number that codes may go to, by the names of libphonenumber. Premium rate, shared cost,
 * personal numbers (UPT), pagers, voice mail, company numbers and what is unknown are no choice: there a
 * message costs whatever the owner of the number likes, or reaches nobody.
 */
export const NUMBER_TYPES = ['mobile', 'fixed-line-or-mobile', 'fixed-line', 'voip'] as const
/** One of them. */
export type NumberType = (typeof NUMBER_TYPES)[number]
