/**
 * Structured logging. Fields are an allow-list by construction: callers pass what may be seen, never a
 * request, a body or a header.
 */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
