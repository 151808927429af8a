// SPDX-License-Identifier: LGPL-3.0-or-later
/** The members of an object in the order of its one text, without those that are undefined. */
export const canonicalMembers = (value: object): [name: string, member: unknown][] =>
  Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))

/**
 * The one JSON text of a value: members in the order of their names by UTF-16 code units, nothing between
 * them, numbers and strings as ECMAScript writes them (as RFC 8785 has it). Members that are undefined are
 * left out.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${canonicalMembers(value)
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`)
    .join(',')}}`
}
