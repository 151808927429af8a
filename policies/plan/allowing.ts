import { compilePolicy, foldAction, matchesAction, type CompiledStatement } from '../engine/compile.ts'
import { ANY_RUN, literalUnits, matchGlob } from '../engine/match.ts'
import type { Template } from '../engine/template.ts'
import type { PolicyDocument, Statement } from '../language.ts'

/** A pattern in which every variable may be any text. */
const mayMatch = (template: Template, resource: string): boolean =>
  matchGlob(
    template.flatMap((part): number[] =>
      typeof part === 'string' ? literalUnits(part) : 'key' in part ? [ANY_RUN] : [...part],
    ),
    resource,
  )

const mayAllow = (
  { effect, resource: { patterns, isComplement } }: CompiledStatement,
  resource: string,
): boolean => effect === 'Allow' && patterns.some((pattern) => mayMatch(pattern, resource)) !== isComplement

/**
 * The Allows of a document that may be about an action on a resource, for some account under some
 * circumstances, with their numbers.
 */
export const allowsAbout = (
  document: PolicyDocument,
  { action, resource }: { action: string; resource: string },
): { statement: Statement; index: number }[] => {
  const { statements } = compilePolicy(document, { name: document.Id, hash: '' })
  return statements
    .filter((each) => matchesAction(each, foldAction(action)) && mayAllow(each, resource))
    .flatMap(({ index }) => {
      const statement = document.Statement[index]
      return statement === undefined ? [] : [{ statement, index }]
    })
}
