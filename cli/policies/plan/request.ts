import type { Plan } from '../../../policies/plan/index.ts'
import { localProblem, usageProblem } from '../../problem.ts'
import { SET_FILE, type FileText, type PolicyFolder } from '../folder.ts'
import { readSource, type Asked } from '../source.ts'
import { checkoutOf } from './checkout.ts'

/** The flags that say what is planned. */
export interface SetFlags {
  readonly namespace?: string | undefined
  readonly prune: boolean
  readonly 'prune-used': boolean
  readonly adopt?: readonly string[] | undefined
  readonly 'allow-lockout': boolean
  readonly 'max-gain'?: number | undefined
  readonly 'max-lose'?: number | undefined
  readonly 'max-deletes'?: number | undefined
}

/** A set as it is sent to be planned or applied. */
export interface SetRequest {
  readonly namespace?: string
  readonly set: string
  readonly directory: string
  readonly commit: string | null
  readonly dirty: boolean
  readonly prune: boolean
  readonly prune_used: boolean
  readonly adopt: string[]
  readonly allow_lockout: boolean
  readonly limits: { max_gain: number | null; max_lose: number | null; max_deletes: number | null }
  readonly files: { path: string; text: string }[]
}

/** A set that was read, and where. */
export interface ReadSet {
  /** As it was read, for what is wrong in it. */
  readonly folder: PolicyFolder
  readonly request: SetRequest
}

/** The bounds of a change as the API has them. */
export const limitsOf = (
  flags: Pick<SetFlags, 'max-gain' | 'max-lose' | 'max-deletes'>,
): SetRequest['limits'] => ({
  max_gain: flags['max-gain'] ?? null,
  max_lose: flags['max-lose'] ?? null,
  max_deletes: flags['max-deletes'] ?? null,
})

const ADOPTED = /^(?:service|document|attachment|invariant)\/.+$/

const adoptedIn = ({ adopt = [] }: SetFlags): string[] =>
  [...adopt].map((name) => {
    if (ADOPTED.test(name)) return name
    throw usageProblem(
      `${JSON.stringify(name)} names no object`,
      'An object is service/NAME, document/NAME, attachment/SELECTOR or invariant/NAME, as the plan shows it.',
    )
  })

/** The set that the files belong to: as `authctl.json` names it, never by the name of the folder. */
const setNameOf = ({ root, files }: PolicyFolder): string => {
  const file = files.find(({ path }) => path === SET_FILE)
  try {
    const { set } = JSON.parse(file?.text ?? '{}') as { set?: unknown }
    if (typeof set === 'string') return set
  } catch {
    // What is wrong with it, validation says by line and column.
  }
  throw localProblem(
    'no_set',
    `${root} names no set`,
    'Its authctl.json must be like {"set": "acme"}. Check it with: authctl policies validate',
    'invalidPolicy',
  )
}

/** The files that were named, or all; with the one that names the set. */
const filesOf = ({ files, only }: PolicyFolder): SetRequest['files'] =>
  files
    .filter(({ path }: FileText) => only === undefined || only.has(path) || path === SET_FILE)
    .map(({ path, text }) => ({ path, text }))

const refusePruning = ({ only }: PolicyFolder, { prune }: SetFlags): void => {
  if (!prune || only === undefined) return
  throw usageProblem(
    '--prune deletes what no file has, and only some of the files are named',
    'Name the whole folder, or leave out --prune.',
  )
}

/** The set that was named, as it is sent to be planned. */
export const readSet = async (asked: Asked, flags: SetFlags): Promise<ReadSet> => {
  const folder = await readSource(asked)
  refusePruning(folder, flags)
  return {
    folder,
    request: {
      ...(flags.namespace !== undefined && { namespace: flags.namespace }),
      set: setNameOf(folder),
      ...checkoutOf(folder.root),
      prune: flags.prune,
      prune_used: flags['prune-used'],
      adopt: adoptedIn(flags),
      allow_lockout: flags['allow-lockout'],
      limits: limitsOf(flags),
      files: filesOf(folder),
    },
  }
}

/** The files that were named, to be applied by a plan that was made of them. */
export const readPlanned = async (asked: Asked, { order }: Plan): Promise<ReadSet> => {
  const folder = await readSource(asked)
  const { namespace, directory, commit, dirty, prune, prune_used, adopt, allow_lockout, limits } = order
  return {
    folder,
    request: {
      namespace,
      set: order.set ?? setNameOf(folder),
      directory,
      commit,
      dirty,
      prune,
      prune_used,
      adopt: [...adopt],
      allow_lockout,
      limits,
      files: filesOf(folder),
    },
  }
}
