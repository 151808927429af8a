import type { Schema, Schemas } from './schema.ts'

/** What an operation may answer with one status. */
export interface AnswerContract {
  readonly type: string
  readonly schema?: Schema
  readonly example?: unknown
  /** The codes that an error of this status can have. */
  readonly codes?: readonly string[]
}

/** One operation of the daemon. */
export interface OperationContract {
  readonly method: string
  readonly path: string
  readonly auth: string
  readonly query?: Schema
  readonly body?: Schema
  readonly bodyType?: string
  readonly answers: Readonly<Record<string, AnswerContract>>
}

/** All that the daemon takes and answers. */
export interface Contract {
  readonly schemas: Schemas
  readonly operations: Readonly<Record<string, OperationContract>>
}
