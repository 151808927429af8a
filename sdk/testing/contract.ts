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
  readonly params?: Schema
  readonly query?: Schema
  readonly body?: Schema
  /** The types of a body; that of its form is the first. */
  readonly bodyTypes: readonly string[]
  readonly answers: Readonly<Record<string, AnswerContract>>
}

/** All that the daemon takes and answers. */
export interface Contract {
  /** What OAuth calls codes that have another name there. */
  readonly registered: Readonly<Record<string, string>>
  readonly schemas: Schemas
  readonly operations: Readonly<Record<string, OperationContract>>
}
