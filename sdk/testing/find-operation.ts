import type { OperationContract } from './contract.ts'
import { contract, type OperationId } from './contract.gen.ts'

/** An operation that a request is for. */
export interface Found {
  readonly id: OperationId
  readonly operation: OperationContract
  readonly params: Readonly<Record<string, string>>
}

interface Row {
  readonly id: OperationId
  readonly operation: OperationContract
  readonly pattern: RegExp
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)

/** Words before parameters: `/policies/validate` is not the policy of that name. */
const parametersIn = ({ operation }: Row): number => operation.path.split('{').length

let rows: readonly Row[] | undefined

const rowsOf = (): readonly Row[] =>
  (Object.entries(contract.operations) as [OperationId, OperationContract][])
    .map(([id, operation]) => ({ id, operation, pattern: patternOf(operation.path) }))
    .sort((a, b) => parametersIn(a) - parametersIn(b))

/** The operation of a request, or why there is none. */
export const findOperation = (method: string, path: string): Found | 'not_found' | 'method_not_allowed' => {
  rows ??= rowsOf()
  let isKnown = false
  for (const { id, operation, pattern } of rows) {
    const match = pattern.exec(path)
    isKnown ||= match !== null
    if (match === null || operation.method !== method) continue
    const groups = Object.entries(match.groups ?? {})
    return {
      id,
      operation,
      params: Object.fromEntries(groups.map(([key, text]) => [key, decodeURIComponent(text)])),
    }
  }
  return isKnown ? 'method_not_allowed' : 'not_found'
}
