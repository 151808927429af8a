import type { Catalogue } from '../catalogue.ts'
import { foldAction } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import type { Work } from '../engine/covers.ts'
import type { Statement } from '../language.ts'
import { globUnits, isWildcard, matchGlob, type Glob } from '../engine/match.ts'
import { pointerTo, type Warning } from './warning.ts'

/**
 * Actions of the daemon by which an account could give itself, or another, more than it has: attributes
 * decide about attachments.
 */
export const ESCALATING = [
  'authctl:CreateSuperAdmin',
  'authctl:CreateAdmin',
  'authctl:UpdateAccount',
  'authctl:PutPolicy',
  'authctl:DeletePolicy',
  'authctl:AttachPolicy',
  'authctl:DetachPolicy',
  'authctl:SetBoundary',
  'authctl:PutAttachments',
  'authctl:PutService',
  'authctl:DeleteService',
] as const

const patternsOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : listOf<string>(value)

const globOf = (pattern: string): Glob => globUnits(foldAction(pattern))

/**
 * Whether a pattern stands for all of a service: for whatever verb there will be, or for each of the several
 * that there are.
 */
const isBroad = (pattern: string, { byService }: Catalogue, work: Work): boolean => {
  if (pattern === '*') return true
  const glob = globOf(pattern)
  if (!glob.some(isWildcard)) return false
  const [service = '', verb = ''] = pattern.split(':')
  if (globUnits(verb).every(isWildcard)) return true
  const declared = byService.get(service) ?? []
  return (
    declared.length > 1 &&
    declared.every(({ name }) => (work.left -= name.length) >= 0 && matchGlob(glob, foldAction(name)))
  )
}

/** The first action of those that steer rights that the statement is about. */
const escalating = ({ Action, NotAction }: Statement, { actions }: Catalogue): string | undefined => {
  const globs = patternsOf(Action ?? NotAction).map(globOf)
  return ESCALATING.filter((name) => actions.has(name)).find(
    (name) => globs.some((glob) => matchGlob(glob, foldAction(name))) === (Action !== undefined),
  )
}

/** An action that its service declares as sensitive, among those that a pattern matches. */
const sensitiveIn = (pattern: string, catalogue: Catalogue, work: Work): string | undefined => {
  const [service = ''] = pattern.split(':')
  const declared = pattern === '*' ? [...catalogue.actions.values()] : catalogue.byService.get(service)
  const glob = globOf(pattern)
  return declared?.find(
    ({ name, isSensitive = false }) =>
      isSensitive && (work.left -= name.length) >= 0 && matchGlob(glob, foldAction(name)),
  )?.name
}

/** Sensitive actions that are allowed by a wildcard, or on everything. */
function* lintSensitive(
  { Action }: Statement,
  { catalogue, work, isEverywhere }: { catalogue: Catalogue; work: Work; isEverywhere: boolean },
): Generator<Warning> {
  for (const [index, pattern] of patternsOf(Action).entries()) {
    const isWild = globOf(pattern).some(isWildcard)
    if (isBroad(pattern, catalogue, work) || (!isWild && !isEverywhere)) continue
    const name = sensitiveIn(pattern, catalogue, work)
    if (name === undefined) continue
    const how = isWild ? `${pattern} also allows ${name}` : `${name} is allowed on every resource`
    yield {
      code: 'W_SENSITIVE',
      message: `${how}, which its service declares as sensitive`,
      pointer: pointerTo('Action', Action, index),
    }
  }
}

function* lintWildcards(
  statement: Statement,
  { catalogue, work }: { catalogue: Catalogue; work: Work },
): Generator<Warning> {
  const { Action, Resource } = statement
  for (const [index, pattern] of patternsOf(Action).entries()) {
    if (!isBroad(pattern, catalogue, work)) continue
    const name = sensitiveIn(pattern, catalogue, work)
    const sensitive = name === undefined ? '' : `, and the sensitive ${name}`
    yield {
      code: 'W_BROAD_ACTION',
      message: `${pattern} also allows actions that are added later${sensitive}`,
      pointer: pointerTo('Action', Action, index),
    }
  }
  const star = patternsOf(Resource).indexOf('*')
  if (star !== -1)
    yield {
      code: 'W_BROAD_RESOURCE',
      message: 'Resource * is every resource of these actions',
      pointer: pointerTo('Resource', Resource, star),
    }
  yield* lintSensitive(statement, { catalogue, work, isEverywhere: star !== -1 })
}

/** What an Allow allows beyond what is likely meant. */
export function* lintBreadth(
  statement: Statement,
  scope: { catalogue: Catalogue; work: Work },
): Generator<Warning> {
  const { Effect, Action, NotAction, Resource, NotResource, Condition = {} } = statement
  if (Effect !== 'Allow') return
  const isUnconditional = Object.keys(Condition).length === 0
  if (NotAction !== undefined || NotResource !== undefined)
    yield {
      code: 'W_ALLOW_NOT',
      message: 'an Allow by complement grows with everything that is added later',
      pointer: NotAction === undefined ? '/NotResource' : '/NotAction',
    }
  if (isUnconditional && patternsOf(Action).includes('*') && patternsOf(Resource).includes('*'))
    return yield { code: 'W_STAR_STAR', message: 'this allows everything' }
  yield* lintWildcards(statement, scope)
  const steering = escalating(statement, scope.catalogue)
  if (steering !== undefined)
    yield {
      code: 'W_ESCALATION',
      message: `${steering} changes what others may do`,
      pointer: Action === undefined ? '/NotAction' : '/Action',
    }
}
