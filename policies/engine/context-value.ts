// SPDX-License-Identifier: LGPL-3.0-or-later
import type { KeyType } from '../language.ts'
import type { ContextValue } from './decide.ts'
import { MAX_NUMBER, numberText, parseBool, parseDate, parseNetwork, parseNumber } from './values.ts'

const isAddress = (text: string): boolean => !text.includes('/') && parseNetwork(text) !== undefined

/** What a value of one type looks like, and how that is said. */
interface ValueForm {
  readonly isOf: (value: ContextValue) => boolean
  readonly what: string
}

/**
 * Whether a value of one type can be compared: what could not be would pass every Deny over. Asked by the
 * daemon of every question, and of the questions of decision tests.
 */
export const VALUE_FORMS: Readonly<Record<KeyType, ValueForm>> = {
  string: { isOf: (value) => typeof value === 'string', what: 'a string' },
  number: {
    isOf: (value) =>
      (typeof value === 'number' &&
        ((Number.isInteger(value) && Math.abs(value) < MAX_NUMBER) ||
          parseNumber(numberText(value)) !== undefined)) ||
      (typeof value === 'string' && parseNumber(value) !== undefined),
    what: 'a number of at most 15 digits and 6 decimals',
  },
  date: {
    isOf: (value) =>
      (typeof value === 'string' || typeof value === 'number') && parseDate(String(value)) !== undefined,
    what: 'an instant such as 2026-01-31T08:00:00Z, or epoch seconds',
  },
  bool: {
    isOf: (value) =>
      typeof value === 'boolean' || (typeof value === 'string' && parseBool(value) !== undefined),
    what: 'true or false',
  },
  ip: { isOf: (value) => typeof value === 'string' && isAddress(value), what: 'an IP address' },
  'set<string>': { isOf: (value) => typeof value === 'object', what: 'a list of strings' },
  attribute: { isOf: (value) => typeof value !== 'object', what: 'a string, a number, true or false' },
}
