/**
 * A moment as tables show it, in UTC: `2026-11-26 23:19:30Z`. A terminal that is narrow puts the time below
 * the date.
 */
export const momentWords = (iso: string): string => iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
