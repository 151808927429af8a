// SPDX-License-Identifier: LGPL-3.0-or-later
import type { KeyType } from '../language.ts'
import type { ContextValue } from './decide.ts'
import { MAX_NUMBER, numberText, parseBool, parseDate, parseNetwork, parseNumber } from './values.ts'

const isAddress = (text: string): boolean => !text.includes('/') && parseNetwork(text) !== undefined

/**
 * Whether a value can be compared as one of a type: what could not be would pass every Deny over. Asked by
 * the daemon of every question, and of the questions of decision tests.
 */
export const IS_OF_TYPE: Readonly<Record<KeyType, (value: ContextValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) =>
    (typeof value === 'number' &&
      ((Number.isInteger(value) && Math.abs(value) < MAX_NUMBER) ||
        parseNumber(numberText(value)) !== undefined)) ||
    (typeof value === 'string' && parseNumber(value) !== undefined),
  date: (value) =>
    (typeof value === 'string' || typeof value === 'number') && parseDate(String(value)) !== undefined,
  bool: (value) =>
    typeof value === 'boolean' || (typeof value === 'string' && parseBool(value) !== undefined),
  ip: (value) => typeof value === 'string' && isAddress(value),
  'set<string>': (value) => typeof value === 'object',
  attribute: (value) => typeof value !== 'object',
}
