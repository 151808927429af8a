import type { Diagnostic } from '../../../policies/validate/index.ts'
import { describeError } from '../../errors/report.ts'
import { Problem } from '../../problem.ts'
import { annotate } from '../annotations.ts'
import { diagnosticsText } from '../diagnostics.ts'
import { annotationsOf } from '../sound-set.ts'
import type { ReadSet } from './request.ts'

interface ServerDetail {
  /** `file:line:column`, the file inside the folder. */
  readonly pointer: string
  readonly code: Diagnostic['code']
  readonly detail: string
}

const PLACE = /^(.+):(\d+):(\d+)$/

/**
 * One thing that the server says, at its place in the checkout; as validation says it, if it says the same.
 */
const diagnosticOf = ({ pointer, code, detail }: ServerDetail, local: readonly Diagnostic[]): Diagnostic => {
  const [, file = pointer, line = '1', column = '1'] = PLACE.exec(pointer) ?? []
  const place = { file, line: Number(line), column: Number(column) }
  const same = local.find(
    (each) =>
      each.code === code && each.file === file && each.line === place.line && each.column === place.column,
  )
  return same ?? { ...place, code, severity: 'error', message: detail, hint: '', suggestion: null }
}

/**
 * Waits for a call that sends a set; what the server finds wrong in its files is shown by the lines of the
 * checkout, in the words of `policies validate` (CLI-C9).
 */
export const withPlaces = async <T>({ folder, request }: ReadSet, call: Promise<T>): Promise<T> => {
  try {
    return await call
  } catch (error) {
    const fields = describeError(error)
    const details = (fields.details ?? []) as readonly ServerDetail[]
    if (fields.code !== 'policy_invalid' || !details.some(({ pointer }) => PLACE.test(pointer))) throw error
    const { validateSet } = await import('../../../policies/set/index.ts')
    const local = validateSet(folder.files).diagnostics
    const diagnostics = details.map((each) => folder.shown(diagnosticOf(each, local)))
    annotate(annotationsOf(diagnostics))
    throw new Problem(
      {
        ...fields,
        message: `the server does not accept the set ${request.set}`,
        details: diagnostics,
        excerpt: diagnosticsText(diagnostics, folder.textOf),
        hint: 'Each code is explained in docs/reference/policies.md. Nothing was changed.',
      },
      error,
    )
  }
}
