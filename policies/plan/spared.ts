import { listOf } from '../engine/condition.ts'
import type { PolicyDocument, Service } from '../language.ts'
import type { PolicyObject } from './types.ts'

type Document = Extract<PolicyObject, { kind: 'document' }>

/** Whether a document has an action of the service, by its name or by a wildcard. */
const names = ({ Statement }: PolicyDocument, { service }: Service): boolean =>
  Statement.some(({ Action, NotAction }) =>
    listOf<string>(Action ?? NotAction ?? []).some(
      (action) => action === '*' || action.toLowerCase().startsWith(`${service}:`),
    ),
  )

/**
 * The objects that no file has any more and that are in use: documents that have allowed
 * something lately, the attachments that bring them to somebody, and the services
 * whose actions they name.
 */
export const inUseAmong = (
  left: readonly PolicyObject[],
  isUsed: (document: string) => boolean,
): ReadonlySet<PolicyObject> => {
  const documents = left.filter((each): each is Document => each.kind === 'document' && isUsed(each.name))
  const isBringing = (policies: string | readonly string[] | undefined): boolean =>
    listOf<string>(policies ?? []).some((name) => isUsed(name.slice(name.indexOf('/') + 1)))
  const others = left.filter((each) => {
    if (each.kind === 'attachment') return isBringing(each.value.policies)
    return each.kind === 'service' && documents.some(({ value }) => names(value, each.value))
  })
  return new Set([...documents, ...others])
}
