import {
  foldAction,
  holdsAll,
  matchesAction,
  type CompiledPolicy,
  type CompiledStatement,
} from './compile.ts'
import { ANY_RUN, type Glob } from './match.ts'
import { literalPrefix, matchTemplate, type Template, type View } from './template.ts'

/**
 * A statement with one of its resource patterns; without one, where the statement is about all resources but
 * some. What has been settled by where a candidate stands is not looked at again: a decision takes as long as
 * the memory that it touches.
 */
interface Candidate {
  readonly statement: CompiledStatement
  readonly pattern: Template | undefined
  /** Its place in the index already says that its resource matches. */
  readonly isSettled: boolean
  readonly isConditional: boolean
}

/** The candidates of one effect for one action, by what their resources begin with. */
export interface EffectIndex {
  /** All statements of the effect that are about the action. */
  readonly statements: readonly CompiledStatement[]
  /** The context keys that their conditions ask for. */
  readonly keys: ReadonlySet<string>
  /** By the whole resource, for patterns without wildcards and variables. */
  readonly exact: Map<string, Candidate[]>
  /** By the beginning of the resource up to and including a `/`. */
  readonly prefixes: Map<string, Candidate[]>
  /** For each number of `/` in those beginnings whether there is one: nothing else is looked up. */
  readonly depths: boolean[]
  /** Those whose beginning says nothing. */
  readonly others: Candidate[]
}

/** What a layer has to say about an action; undefined: nothing of that effect. */
export interface ActionIndex {
  readonly deny: EffectIndex | undefined
  readonly allow: EffectIndex | undefined
}

/**
 * Policies that are evaluated together, indexed: by action, then by the literal beginning of the resource.
 * What is looked at for a request grows with the statements that are about it, not with all there are.
 */
export interface Layer {
  readonly policies: readonly CompiledPolicy[]
  readonly statements: readonly CompiledStatement[]
  /** Indexes by folded action, made when it is first asked for. */
  readonly actions: Map<string, ActionIndex>
}

/** Actions are names of a catalogue; a caller that asks for endless others gets no endless memory. */
const MAX_INDEXED_ACTIONS = 4096

/** A layer of these policies. Its indexes are built when an action is first asked about, and kept. */
export const createLayer = (policies: readonly CompiledPolicy[]): Layer => ({
  policies,
  statements: policies.flatMap(({ statements }) => statements),
  actions: new Map(),
})

/** A request as the index wants it: made once, looked up in every layer. */
export interface Target {
  readonly folded: string
  readonly resource: string
  /** The beginnings of the resource that end with a `/`. */
  readonly directories: readonly string[]
}

/** The target of a request; the action in any case, the resource in canonical form. */
export const targetOf = (action: string, resource: string): Target => {
  const directories: string[] = []
  for (let at = resource.indexOf('/'); at !== -1; at = resource.indexOf('/', at + 1))
    directories.push(resource.slice(0, at + 1))
  return { folded: foldAction(action), resource, directories }
}

const add = (buckets: Map<string, Candidate[]>, key: string, candidate: Candidate): void => {
  const bucket = buckets.get(key)
  if (bucket === undefined) buckets.set(key, [candidate])
  else bucket.push(candidate)
}

const depthOf = (directory: string): number => directory.split('/').length - 1

/** Whether the pattern is `directory/*`. */
const isDirectory = (pattern: Template | undefined, directory: string): boolean => {
  if (pattern?.length !== 2 || pattern[0] !== directory) return false
  const rest = pattern[1] as Glob
  return rest.length === 1 && rest[0] === ANY_RUN
}

const place = (
  { exact, prefixes, depths, others }: EffectIndex,
  { statement, pattern }: Pick<Candidate, 'statement' | 'pattern'>,
): void => {
  const { prefix, isWhole } = pattern === undefined ? { prefix: '', isWhole: false } : literalPrefix(pattern)
  const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1)
  const candidate: Candidate = {
    statement,
    pattern,
    isSettled: isWhole || isDirectory(pattern, directory),
    isConditional: statement.conditions.length > 0,
  }
  if (isWhole) add(exact, prefix, candidate)
  else if (directory === '') others.push(candidate)
  else {
    add(prefixes, directory, candidate)
    depths[depthOf(directory)] = true
  }
}

const buildIndex = (statements: readonly CompiledStatement[]): EffectIndex | undefined => {
  if (statements.length === 0) return undefined
  const keys = new Set(statements.flatMap(({ conditions }) => conditions.map(({ key }) => key)))
  const index: EffectIndex = {
    statements,
    keys,
    exact: new Map(),
    prefixes: new Map(),
    depths: [],
    others: [],
  }
  for (const statement of statements) {
    if (statement.resource.isComplement) place(index, { statement, pattern: undefined })
    else for (const pattern of statement.resource.patterns) place(index, { statement, pattern })
  }
  return index
}

/** What the layer has to say about an action. */
export const indexOf = (layer: Layer, folded: string): ActionIndex => {
  const known = layer.actions.get(folded)
  if (known !== undefined) return known
  const about = layer.statements.filter((statement) => matchesAction(statement, folded))
  const index = {
    deny: buildIndex(about.filter(({ effect }) => effect === 'Deny')),
    allow: buildIndex(about.filter(({ effect }) => effect === 'Allow')),
  }
  if (layer.actions.size < MAX_INDEXED_ACTIONS) layer.actions.set(folded, index)
  return index
}

/** Whether the statement is about the resource. */
export const matchesStatementResource = (
  { resource: { patterns, isComplement } }: CompiledStatement,
  resource: string,
  view: View,
): boolean => patterns.some((pattern) => matchTemplate(pattern, resource, view)) !== isComplement

/** Whether the candidate's statement is about the resource. */
const isAbout = ({ statement, pattern, isSettled }: Candidate, resource: string, view: View): boolean =>
  isSettled ||
  (pattern === undefined
    ? matchesStatementResource(statement, resource, view)
    : matchTemplate(pattern, resource, view))

const firstOf = (
  candidates: readonly Candidate[] | undefined,
  resource: string,
  view: View,
): CompiledStatement | undefined => {
  if (candidates === undefined) return undefined
  for (const candidate of candidates)
    if (
      isAbout(candidate, resource, view) &&
      (!candidate.isConditional || holdsAll(candidate.statement, view))
    )
      return candidate.statement
  return undefined
}

/** The first statement of an index that matches the target. */
export const findStatement = (
  { exact, prefixes, depths, others }: EffectIndex,
  { resource, directories }: Target,
  view: View,
): CompiledStatement | undefined => {
  if (others.length > 0) {
    const found = firstOf(others, resource, view)
    if (found !== undefined) return found
  }
  if (exact.size > 0) {
    const found = firstOf(exact.get(resource), resource, view)
    if (found !== undefined) return found
  }
  for (let depth = Math.min(depths.length - 1, directories.length); depth > 0; depth--) {
    if (depths[depth] !== true) continue
    const found = firstOf(prefixes.get(directories[depth - 1] as string), resource, view)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Every statement of an effect that is about the target, whether or not its conditions hold; in the order of
 * the layer.
 */
export const statementsAbout = (
  index: EffectIndex | undefined,
  { resource, directories }: Target,
  view: View,
): CompiledStatement[] => {
  if (index === undefined) return []
  let about: Set<CompiledStatement> | undefined
  const addThose = (candidates: readonly Candidate[]): void => {
    for (const candidate of candidates)
      if (isAbout(candidate, resource, view)) (about ??= new Set()).add(candidate.statement)
  }
  addThose(index.others)
  addThose(index.exact.get(resource) ?? [])
  for (const directory of directories) addThose(index.prefixes.get(directory) ?? [])
  return about === undefined ? [] : [...about].sort((a, b) => a.index - b.index)
}
