import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'

/** A row as SQLite answers it. */
export type Row = Readonly<Record<string, SQLOutputValue>>

/** The column that a field is kept in; one that holds JSON says so. */
type Column = string | { readonly json: string }

/** A table whose rows are the records of one kind. */
export interface RecordTable<T> {
  /**
   * Inserts `toValues` of a record. It names the columns, so that this daemon goes on when a later one has
   * added some.
   */
  readonly insert: string
  /** The values of a record under the names of its columns. */
  readonly toValues: (record: T) => Record<string, SQLInputValue>
  /** The record of a row that has every column. */
  readonly toRecord: (row: Row) => T
}

/** Most columns of JSON hold an empty list or object: these are not parsed. */
const parse = (json: string): unknown => {
  if (json === '{}') return {}
  return json === '[]' ? [] : JSON.parse(json)
}

/**
 * The typed codec between records and rows: every field of `T` is named here once, with its column. What the
 * columns hold is not checked: only this daemon writes them, into tables that are STRICT.
 */
export const recordTable = <T extends object>(
  table: string,
  columns: Readonly<Record<keyof T, Column>>,
): RecordTable<T> => {
  const fields = Object.entries<Column>(columns).map(([field, column]) => ({
    field,
    column: typeof column === 'string' ? column : column.json,
    isJson: typeof column !== 'string',
  }))
  const names = fields.map(({ column }) => column)
  return {
    insert: `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map((name) => `:${name}`).join(', ')})`,

    toValues: (record) => {
      const values: Record<string, SQLInputValue> = {}
      for (const { field, column, isJson } of fields) {
        const value: unknown = record[field as keyof T]
        values[column] = isJson ? JSON.stringify(value) : (value as SQLInputValue)
      }
      return values
    },

    toRecord: (row) => {
      const record: Record<string, unknown> = {}
      for (const { field, column, isJson } of fields)
        record[field] = isJson ? parse(String(row[column])) : row[column]
      return record as T
    },
  }
}
