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

/** The parameters of a path; undefined for one that is no text in percent-encoded UTF-8. */
const paramsOf = (groups: Readonly<Record<string, string>> = {}): Found['params'] | undefined => {
  try {
    return Object.fromEntries(Object.entries(groups).map(([key, text]) => [key, decodeURIComponent(text)]))
  } catch {
    return undefined
  }
}

/** Why there is no operation for a request, with its status. */
export const UNFOUND = { not_found: 404, method_not_allowed: 405, invalid_request: 400 } as const

/** Why there is no operation for a request; of a path with other methods, one of these and all of them. */
export interface Unfound {
  readonly refusal: keyof typeof UNFOUND
  readonly operation?: OperationContract
  readonly allow?: string
}

const refuseMethod = ([first, ...more]: readonly [Row, ...Row[]]): Unfound => {
  const { operation } = first
  const methods = [first, ...more]
    .filter((row) => row.operation.path === operation.path)
    .flatMap(({ operation: { method } }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  return { refusal: 'method_not_allowed', operation, allow: methods.join(', ') }
}

/**
 * The operation of a request, or why there is none. As in the daemon, that of GET answers HEAD, and one slash
 * at the end of a path is passed over.
 */
export const findOperation = (method: string, path: string): Found | Unfound => {
  rows ??= rowsOf()
  const place = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
  const matches = rows.flatMap((row) => {
    const match = row.pattern.exec(place)
    return match === null ? [] : [{ ...row, groups: match.groups }]
  })
  const found = matches.find(({ operation }) => operation.method === (method === 'HEAD' ? 'GET' : method))
  const [first, ...more] = matches
  if (found === undefined)
    return first === undefined ? { refusal: 'not_found' } : refuseMethod([first, ...more])
  const { id, operation, groups } = found
  const params = paramsOf(groups)
  return params === undefined ? { refusal: 'invalid_request' } : { id, operation, params }
}
