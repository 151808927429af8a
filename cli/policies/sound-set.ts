import type { PolicySet } from '../../policies/set/index.ts'
import { annotate, type Annotation } from './annotations.ts'
import { diagnosticsText, exitCodeOf, tally } from './diagnostics.ts'
import type { PolicyFolder } from './folder.ts'
import type { Diagnostic } from '../../policies/validate/index.ts'
import { printData, tell } from '../output/print.ts'
import { surroundings } from '../surroundings.ts'

/** A folder of policies without errors. */
export interface SoundFolder extends PolicyFolder {
  readonly set: PolicySet
}

/** Diagnostics as they are shown beside the lines of a change. */
export const annotationsOf = (diagnostics: readonly Diagnostic[]): Annotation[] =>
  diagnostics.map(({ severity, code, message, hint, ...place }) => ({
    ...place,
    level: severity,
    title: code,
    message: `${message}\n${hint}`,
  }))

/**
 * The set of a folder, for what needs one that is valid. With an error in it, everything that is wrong is
 * printed as `policies validate` does, the exit code is 3, and nothing is returned.
 */
export const requireSound = async (folder: PolicyFolder): Promise<SoundFolder | undefined> => {
  const { validateSet } = await import('../../policies/set/index.ts')
  const set = validateSet(folder.files)
  if (!set.diagnostics.some(({ severity }) => severity === 'error')) return { ...folder, set }
  const diagnostics = set.diagnostics.map(folder.shown)
  printData(diagnosticsText(diagnostics, folder.textOf))
  annotate(annotationsOf(diagnostics))
  tell(`${folder.root}: ${tally(set.documents.length, diagnostics)}`)
  surroundings().exitCode = exitCodeOf(diagnostics)
  return undefined
}
