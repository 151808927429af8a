// SPDX-License-Identifier: LGPL-3.0-or-later
import { failingClosed } from './attribute-values.ts'
import { compileConditions, CompileError, listOf, type Condition } from './condition.ts'
import type { Effect, PolicyDocument, Statement } from '../language.ts'
import { globUnits, matchGlob, type Glob } from './match.ts'
import { parseTemplate, type Template, type View } from './template.ts'

/** Which actions a statement is about. */
export interface ActionMatcher {
  readonly patterns: readonly Glob[]
  readonly isComplement: boolean
  /** As written. */
  readonly sources: readonly string[]
}

/** Which resources a statement is about. */
export interface ResourceMatcher {
  readonly patterns: readonly Template[]
  readonly isComplement: boolean
  /** As written. */
  readonly sources: readonly string[]
}

/** A statement ready to be asked: patterns in matching form, conditions as functions. */
export interface CompiledStatement {
  readonly policy: CompiledPolicy
  /** Position in the document, from 0. */
  readonly index: number
  readonly sid: string | undefined
  readonly effect: Effect
  readonly action: ActionMatcher
  readonly resource: ResourceMatcher
  readonly conditions: readonly Condition[]
  /** Where it is written, as `file:line:col`, if that is known. */
  readonly writtenAt: string | undefined
}

/** A policy ready to be evaluated; `hash` identifies its content. */
export interface CompiledPolicy {
  readonly name: string
  readonly hash: string
  /** How many resource patterns and condition values it has: what a decision may have to compare, at most. */
  readonly size: number
  readonly statements: readonly CompiledStatement[]
}

const templateOf = (text: string): Template => {
  const template = parseTemplate(text, 'glob')
  if (template === undefined) throw new CompileError(`${JSON.stringify(text)} is not a resource pattern`)
  return template
}

/** Action names are compared in lower case. */
export const foldAction = (action: string): string => action.toLowerCase()

/** Conditions that were compiled lately, by their effect and text. */
const compiled = new Map<string, readonly Condition[]>()
const MOST_COMPILED = 4096
const MOST_CHARACTERS = 512

/**
 * The conditions of a statement. Those that read the same are the same: a decision takes as long as the
 * memory that it touches, and statements repeat conditions.
 */
const conditionsOf = ({ Effect, Condition: block = {} }: Statement): readonly Condition[] => {
  const text = Effect + JSON.stringify(block)
  const known = compiled.get(text)
  if (known !== undefined) return known
  const conditions = compileConditions(block).map((each) => failingClosed(each, Effect))
  if (text.length > MOST_CHARACTERS) return conditions
  if (compiled.size >= MOST_COMPILED) compiled.clear()
  compiled.set(text, conditions)
  return conditions
}

const compileStatement = (
  policy: CompiledPolicy,
  source: Statement,
  index: number,
  writtenAt: string | undefined,
): CompiledStatement => {
  const actions = source.Action ?? source.NotAction
  const resources = source.Resource ?? source.NotResource
  if (actions === undefined || resources === undefined)
    throw new CompileError(`statement ${index} lacks an element`)
  return {
    policy,
    index,
    sid: source.Sid,
    effect: source.Effect,
    action: {
      patterns: listOf(actions).map((pattern) => globUnits(foldAction(pattern))),
      isComplement: source.Action === undefined,
      sources: listOf(actions),
    },
    resource: {
      patterns: listOf(resources).map(templateOf),
      isComplement: source.Resource === undefined,
      sources: listOf(resources),
    },
    conditions: conditionsOf(source),
    writtenAt,
  }
}

const sizeOf = ({ resource, conditions }: CompiledStatement): number =>
  conditions.reduce((size, { expected }) => size + expected.length, resource.patterns.length)

/** What is known of a policy beside its document. */
export interface PolicyOrigin {
  readonly name: string
  readonly hash: string
  /** Where each statement is written, as `file:line:col`. */
  readonly writtenAt?: readonly string[]
  /** Where the document is a part of the policy: which statement each of its statements is. */
  readonly at?: readonly number[]
  /** Then also the size of the whole. */
  readonly size?: number
}

/**
 * Compiles a document that the validator has passed. It is not validated again: what it cannot compile at all
 * throws {@link CompileError}, and nothing else does.
 */
export const compilePolicy = (
  document: Pick<PolicyDocument, 'Statement'>,
  { name, hash, writtenAt = [], at = [], size }: PolicyOrigin,
): CompiledPolicy => {
  const statements: CompiledStatement[] = []
  const policy = { name, hash, statements, size: 0 }
  document.Statement.forEach((source, index) => {
    const statement = compileStatement(policy, source, at[index] ?? index, writtenAt[index])
    statements.push(statement)
    policy.size += sizeOf(statement)
  })
  policy.size = size ?? policy.size
  return policy
}

/** Whether the statement is about the action, given in lower case. */
export const matchesAction = ({ action }: CompiledStatement, folded: string): boolean =>
  action.patterns.some((pattern) => matchGlob(pattern, folded)) !== action.isComplement

/** Whether all of these conditions hold. */
export const hold = (conditions: readonly Condition[], view: View): boolean => {
  for (const condition of conditions) if (!condition.holds(view)) return false
  return true
}

/** Whether all conditions of the statement hold. */
export const holdsAll = ({ conditions }: CompiledStatement, view: View): boolean => hold(conditions, view)
