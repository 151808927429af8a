import { changedStatements } from '../../policies/plan/index.ts'
import type { IsCounted } from '../../policies/testing/index.ts'
import type { SoundFolder } from './sound-set.ts'
import { documentsSince } from './plan/against.ts'

/** Which statements of a folder have come or changed since the present commit branched off another. */
export const changedSince = async (ref: string, { root, set }: SoundFolder): Promise<IsCounted> => {
  const before = new Map((await documentsSince(ref, root)).map((document) => [document.Id, document]))
  const changed = new Set(
    set.documents.flatMap(({ document }) =>
      [...changedStatements(document, before.get(document.Id))].map(
        (index) => `${document.Id}/${document.Statement[index]?.Sid ?? index}`,
      ),
    ),
  )
  return ({ policy, statement }) => changed.has(`${policy}/${statement}`)
}
