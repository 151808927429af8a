import { join } from 'node:path'
import { shellWord } from '../output/shell-word.ts'
import { localProblem } from '../problem.ts'
import { configDirectory, readPrivateFile, refuseFile, writePrivateFile } from './private-file.ts'

/** A daemon under a name of one's own. */
export interface Context {
  readonly name: string
  /** Its base URL. */
  readonly server: string
  /** Nothing is changed there before its name was typed. */
  readonly protected: boolean
}

interface Kept {
  /** The name of the one that is used where nothing else names one. */
  readonly current?: string | undefined
  readonly contexts: Readonly<Record<string, Omit<Context, 'name'>>>
}

/** The file that holds the contexts: no secrets, but it decides where secrets go. */
export const contextsPath = (): string => join(configDirectory(), 'contexts.json')

const isKept = (value: unknown): value is Kept => {
  const { contexts, current } = (value ?? {}) as { contexts?: unknown; current?: unknown }
  if (typeof contexts !== 'object' || contexts === null) return false
  if (current !== undefined && typeof current !== 'string') return false
  return Object.values(contexts).every((each: unknown) => {
    const { server, protected: isProtected } = (each ?? {}) as Partial<Record<keyof Context, unknown>>
    return typeof server === 'string' && typeof isProtected === 'boolean'
  })
}

const load = (): Kept => {
  const path = contextsPath()
  const remedy = `rm ${shellWord(path)}, then authctl context add`
  const text = readPrivateFile(path, remedy)
  if (text === undefined) return { contexts: {} }
  try {
    const value: unknown = JSON.parse(text)
    if (isKept(value)) return value
  } catch {
    // Answered below: a broken file and one of another shape need the same remedy.
  }
  return refuseFile(path, 'is not a file of contexts of authctl', remedy)
}

const save = (kept: Kept): void => writePrivateFile(contextsPath(), `${JSON.stringify(kept, null, 2)}\n`)

/** Every context, by name. */
export const listContexts = (): Context[] =>
  Object.entries(load().contexts)
    .map(([name, context]) => ({ name, ...context }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'))

/** The context of a name; undefined if there is none. */
export const findContext = (name: string): Context | undefined => {
  const { contexts } = load()
  const found = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  return found && { name, ...found }
}

/** The name of the current context. */
export const currentName = (): string | undefined => load().current

/**
 * The context of a name. `why` says what named it, if it is not what the command is about. Throws `Problem`
 * `not_found`.
 */
export const requireContext = (name: string, why = ''): Context => {
  const found = findContext(name)
  if (found !== undefined) return found
  const names = listContexts().map((each) => each.name)
  throw localProblem(
    'not_found',
    `there is no context ${name}${why === '' ? '' : ` (${why})`}`,
    names.length === 0
      ? `Add it with: authctl context add ${name} --server URL`
      : `Those there are: ${names.join(', ')}. Add it with: authctl context add ${name} --server URL`,
    why === '' ? 'failure' : 'usage',
  )
}

/** Adds a context. Throws `Problem` `context_exists` if there is another one of its name. */
export const addContext = ({ name, ...context }: Context, { use }: { readonly use: boolean }): void => {
  const { contexts, current } = load()
  const present = Object.hasOwn(contexts, name) ? contexts[name] : undefined
  if (present !== undefined && JSON.stringify(present) !== JSON.stringify(context))
    throw localProblem(
      'context_exists',
      `there is a context ${name} already: ${present.server}`,
      `Take it away first, and its sign-in with it: authctl context remove ${name}`,
      'conflict',
    )
  save({ current: use ? name : current, contexts: { ...contexts, [name]: context } })
}

/** Makes a context the current one. Throws `Problem` `not_found`. */
export const useContext = (name: string): Context => {
  const context = requireContext(name)
  save({ ...load(), current: name })
  return context
}

/** Takes a context away. Throws `Problem` `not_found`. */
export const removeContext = (name: string): Context => {
  const context = requireContext(name)
  const { contexts, current } = load()
  const { [name]: _, ...others } = contexts
  save({ current: current === name ? undefined : current, contexts: others })
  return context
}
