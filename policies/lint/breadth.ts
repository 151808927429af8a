import type { Catalogue } from '../catalogue.ts'
import { foldAction } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import type { Work } from '../engine/covers.ts'
import type { Statement } from '../language.ts'
import { globUnits, isWildcard, matchGlob, type Glob } from '../engine/match.ts'
import type { Warning } from './warning.ts'

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
  value === undefined ? [] : [...new Set(listOf<string>(value))]

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

/** What an Allow allows beyond what is likely meant. */
export function* lintBreadth(
  statement: Statement,
  { catalogue, work }: { catalogue: Catalogue; work: Work },
): Generator<Warning> {
  const { Effect, Action, NotAction, Resource, NotResource, Condition = {} } = statement
  if (Effect !== 'Allow') return
  const [actions, resources] = [patternsOf(Action), patternsOf(Resource)]
  const isUnconditional = Object.keys(Condition).length === 0
  if (NotAction !== undefined || NotResource !== undefined)
    yield { code: 'W_ALLOW_NOT', message: 'an Allow by complement grows with everything that is added later' }
  if (isUnconditional && actions.includes('*') && resources.includes('*'))
    return yield { code: 'W_STAR_STAR', message: 'this allows everything' }
  const broad = actions.find((pattern) => isBroad(pattern, catalogue, work))
  if (broad !== undefined)
    yield { code: 'W_BROAD_ACTION', message: `${broad} also allows actions that are added later` }
  if (resources.includes('*'))
    yield { code: 'W_BROAD_RESOURCE', message: 'Resource * is every resource of these actions' }
  const steering = escalating(statement, catalogue)
  if (steering !== undefined)
    yield { code: 'W_ESCALATION', message: `${steering} changes what others may do` }
}
