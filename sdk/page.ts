import type { Operation } from './operations.gen.ts'
import type { Sender } from './sender.ts'
import type { CallOptions } from './transport.ts'

/** One page of a list; iterating goes on through all the pages after it. */
export interface Page<T> extends AsyncIterable<T> {
  readonly items: T[]
  /** Opaque; null on the last page. */
  readonly next_cursor: string | null
  /** The page after this one; undefined on the last. */
  nextPage(): Promise<Page<T> | undefined>
}

interface PageBody<T> {
  items: T[]
  next_cursor: string | null
}

/** Reads a page, and knows how to read the next. */
export const readPage = async <T>(
  load: (cursor: string | undefined) => Promise<PageBody<T>>,
  cursor?: string,
): Promise<Page<T>> => {
  const { items, next_cursor } = await load(cursor)
  const first: Page<T> = {
    items,
    next_cursor,
    nextPage: async () => (next_cursor === null ? undefined : readPage(load, next_cursor)),
    async *[Symbol.asyncIterator]() {
      for (let page: Page<T> | undefined = first; page !== undefined; page = await page.nextPage())
        yield* page.items
    },
  }
  return first
}

/** The pages of an operation that takes its cursor in the query. */
export const listPages = <T>(
  sender: Sender,
  operation: Operation,
  query: { cursor?: string | undefined } = {},
  options?: CallOptions,
): Promise<Page<T>> =>
  readPage(
    (cursor) => sender.send<PageBody<T>>(operation, { query: { ...query, cursor } }, options),
    query.cursor,
  )
