import type { Fields } from './errors.ts'
import type { Operation } from './operations.gen.ts'
import type { Sender } from './sender.ts'
import type { CallOptions } from './transport.ts'

/** How much of a list is read at once. */
export interface ReadAll {
  /** No more than so many items are returned, and no page is read that they do not need. */
  readonly max?: number | undefined
}

/** One page of a list; iterating goes on through all the pages after it. */
export interface Page<T> extends AsyncIterable<T> {
  readonly items: T[]
  /** Opaque; null on the last page. */
  readonly next_cursor: string | null
  /** The page after this one; undefined on the last. */
  nextPage(): Promise<Page<T> | undefined>
  /** This page and those after it. */
  pages(): AsyncGenerator<Page<T>>
  /** The items from here to the end of the list, in memory: give `max` for a list that may be long. */
  all(read?: ReadAll): Promise<T[]>
}

interface PageBody<T> {
  items: T[]
  next_cursor: string | null
}

/** Whether an answer is a page. */
export const isPage = ({ items }: Fields): boolean => Array.isArray(items)

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
    async *pages() {
      let page: Page<T> | undefined = first
      do yield page
      while ((page = await page.nextPage()))
    },
    async *[Symbol.asyncIterator]() {
      for await (const page of first.pages()) yield* page.items
    },
    async all({ max = Infinity } = {}) {
      const read: T[] = []
      if (max > 0) for await (const item of first) if (read.push(item) >= max) break
      return read
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
    (cursor) => sender.send<PageBody<T>>(operation, { query: { ...query, cursor }, isOwn: isPage }, options),
    query.cursor,
  )
