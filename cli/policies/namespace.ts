import { string } from '@oclif/core/flags'
import type { Page } from '@authctl/sdk'
import { namedNamespace, orNotFound } from '../errors/not-found.ts'
import { formed } from '../input/forms.ts'

/** Whose policies, services or attachments, as a flag. */
export const NAMESPACE_FLAG = {
  namespace: string({
    helpValue: 'ID',
    summary: 'The namespace of root, or of this admin or client; your own, if left out',
    ...formed('namespace'),
  }),
}

interface Listing {
  readonly namespace: string | undefined
  readonly cursor: string | undefined
  readonly limit: number | undefined
  readonly all: boolean
}

/** One page of what a namespace has, or with `all` everything from it on as one page. */
export const namespacePage = async <T>(
  list: (page: Omit<Listing, 'all'>) => Promise<Page<T>>,
  { namespace, cursor, limit, all }: Listing,
): Promise<{ items: T[]; next_cursor: string | null }> => {
  const { collectPages } = await import('../connection/client.ts')
  const named = namespace === undefined ? undefined : namedNamespace(namespace)
  return collectPages(await orNotFound(list({ namespace, cursor, limit: all ? 200 : limit }), named), all)
}
