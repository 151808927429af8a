import { DIAGNOSTICS } from './diagnostic-kinds.ts'
import type { Diagnostic } from './diagnostics.ts'
import type { Position } from './json.ts'

interface Place extends Position {
  readonly file: string
}

/** Something to show beside a line of a change. */
export interface Finding extends Place {
  /** What kind of thing it is: an id for ever, what it means, and what to do about it. */
  readonly rule: { readonly id: string; readonly title: string; readonly help: string }
  readonly level: 'error' | 'warning'
  readonly message: string
  /** Other places that it is about. */
  readonly related?: readonly (Place & { readonly message: string })[]
}

/**
 * A path of a file as a relative reference (RFC 3986): what it holds besides `/` and plain characters is
 * percent-encoded.
 */
const uriOf = (path: string): string => path.toWellFormed().split('/').map(encodeURIComponent).join('/')

const locationOf = ({ file, line, column }: Place): object => ({
  physicalLocation: {
    artifactLocation: { uri: uriOf(file) },
    region: { startLine: line, startColumn: column },
  },
})

/** Diagnostics as findings. */
export const findingsOf = (diagnostics: readonly Diagnostic[]): Finding[] =>
  diagnostics.map(({ code, severity: level, message, file, line, column }) => {
    const { title, fix: help } = DIAGNOSTICS[code]
    return { rule: { id: code, title, help }, level, message, file, line, column }
  })

/** Findings as a SARIF 2.1.0 log, which code hosts show beside the lines of a change. */
export const renderSarif = (findings: readonly Finding[]): object => {
  const rules = new Map(findings.map(({ rule }) => [rule.id, rule]))
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        columnKind: 'utf16CodeUnits',
        tool: {
          driver: {
            name: 'authctl',
            rules: [...rules.values()].map(({ id, title, help }) => ({
              id,
              shortDescription: { text: title },
              help: { text: help },
            })),
          },
        },
        results: findings.map(({ rule, level, message, related = [], ...place }) => ({
          ruleId: rule.id,
          level,
          message: { text: message },
          locations: [locationOf(place)],
          ...(related.length === 0
            ? {}
            : {
                relatedLocations: related.map(({ message: text, ...at }) => ({
                  ...locationOf(at),
                  message: { text },
                })),
              }),
        })),
      },
    ],
  }
}
