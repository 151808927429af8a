import { string } from '@oclif/core/flags'
import type { Page } from '@authctl/sdk'
import { pageOf, type Paging } from '../accounts/list.ts'
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

interface Listing extends Paging {
  readonly namespace: string | undefined
}

/** One page of what a namespace has, or with `all` everything from it on as one page. */
export const namespacePage = async <T>(
  list: (page: Omit<Listing, 'all'>) => Promise<Page<T>>,
  { namespace, ...paging }: Listing,
): Promise<{ items: T[]; next_cursor: string | null }> => {
  const named = namespace === undefined ? undefined : namedNamespace(namespace)
  return await orNotFound(
    pageOf((page) => list({ namespace, ...page }), paging),
    named,
  )
}
