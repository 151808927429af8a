import type { ContextValue } from '../engine/decide.ts'
import { numberText, parseDate, parseNetwork, parseNumber } from '../engine/values.ts'
import type { KeyType } from '../language.ts'
import { ANYTHING } from './texts.ts'

const USUAL: Readonly<Record<KeyType, readonly string[]>> = {
  string: [ANYTHING],
  number: ['1'],
  date: ['2100-01-01T00:00:00Z'],
  bool: ['true', 'false'],
  ip: ['192.0.2.1', '2001:db8::1'],
  'set<string>': [ANYTHING],
  attribute: [ANYTHING, '1', 'true'],
}

/** Values of keys that are compared with one another: less, the same and more. */
const COMPARED: Partial<Record<KeyType, readonly string[]>> = {
  number: ['0', '1', '2'],
  date: ['2100-01-01T00:00:00Z', '2100-01-02T00:00:00Z', '2100-01-03T00:00:00Z'],
  ip: ['192.0.2.1', '192.0.2.2'],
  attribute: [ANYTHING, '0', '1', '2', 'true'],
}

/** A text as a value of the type; undefined if it is none. */
export const typed = (type: KeyType, text: string): ContextValue | undefined => {
  switch (type) {
    case 'number':
      if (parseNumber(text) === undefined) return undefined
      return numberText(Number(text)) === text ? Number(text) : text
    case 'date':
      return parseDate(text) === undefined ? undefined : text
    case 'bool':
      return text === 'true' || text === 'false' ? text === 'true' : undefined
    case 'ip':
      return text.includes('/') || parseNetwork(text) === undefined ? undefined : text
    case 'string':
    case 'attribute':
    case 'set<string>':
      return text
  }
}

/**
 * Values of a type that are worth a question whatever conditions say; `isCompared`: with those of other keys.
 */
export const usualTexts = (type: KeyType, isCompared: boolean): readonly string[] =>
  (isCompared ? COMPARED[type] : undefined) ?? USUAL[type]
