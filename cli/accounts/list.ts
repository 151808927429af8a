import type { Page } from '@authctl/sdk'
import { boolean, integer, option, string } from '@oclif/core/flags'
import { RemoteCommand } from '../base-command.ts'
import { formed } from '../input/forms.ts'
import type { View } from '../output/print.ts'
import type { Kind } from '../kinds.ts'
import { splitAttribute } from './attributes.ts'
import { accountsView } from './view.ts'

const PAGE = 50
const MOST = 200

/** The flags of every paged list. */
export const PAGE_FLAGS = {
  limit: integer({ min: 1, max: MOST, default: PAGE, summary: 'Items a page' }),
  cursor: string({ summary: 'Go on after this page: the next_cursor of the one before' }),
  all: boolean({ summary: 'Every page', exclusive: ['cursor'] }),
}

/** What the flags of a paged list say. */
export interface Paging {
  readonly limit: number | undefined
  readonly cursor: string | undefined
  readonly all: boolean
}

/** One page as the flags ask for it, or with `all` everything from it on as one page. */
export const pageOf = async <T>(
  list: (page: Omit<Paging, 'all'>) => Promise<Page<T>>,
  { limit, cursor, all }: Paging,
): Promise<{ items: T[]; next_cursor: string | null }> => {
  const first = await list({ limit: all ? MOST : limit, cursor })
  if (!all) return { items: first.items, next_cursor: first.next_cursor }
  const items: T[] = []
  for await (const item of first) items.push(item)
  return { items, next_cursor: null }
}

/** How to go on when there is another page. */
export const moreNote = (nextCursor: string | null): string | undefined =>
  nextCursor === null ? undefined : `There are more: --all, or --cursor ${nextCursor}`

/** The `list` command of a kind of account. */
export const listCommand = (kind: Kind) => {
  const hasParent = kind.role === 'client' || kind.role === 'sub-client'
  const command = `<%= config.bin %> ${kind.topic} list`
  const example = kind.role === 'client' ? 'adm' : 'cli'
  return class List extends RemoteCommand<typeof List> {
    static override summary = `List the ${kind.plural}${kind.role === 'super-admin' ? '' : ' below you'}`
    static override examples = [
      command,
      `${command} --status disabled --all --json`,
      ...(hasParent ? [`${command} --parent ${example}_01j…`] : []),
    ]
    static override flags = {
      status: option({ options: ['active', 'disabled'] as const, summary: 'Only those' })(),
      attribute: string({ helpValue: 'NAME=VALUE', summary: 'Only those with this attribute' }),
      text: string({
        summary: 'Only those with this in their id, name, username, e-mail address or phone number',
      }),
      parent: string({
        helpValue: 'ID',
        summary: 'Only those directly below this account',
        ...formed('account'),
        hidden: !hasParent,
      }),
      ...PAGE_FLAGS,
    }

    protected override async execute(): Promise<View> {
      const { connect } = await import('../connection/client.ts')
      const { client } = await connect(this.flags)
      const { status, attribute, text, parent } = this.flags
      const query = {
        role: kind.role,
        ...(status === undefined ? {} : { status }),
        ...(attribute === undefined ? {} : { attribute: splitAttribute(attribute).join(':') }),
        ...(text === undefined ? {} : { text }),
        ...(parent === undefined ? {} : { parent_id: parent }),
      }
      const page = await pageOf((paging) => client.accounts.list({ ...query, ...paging }), this.flags)
      this.footnote = moreNote(page.next_cursor)
      return accountsView(page.items, page, { empty: `no ${kind.plural}` })
    }
  }
}
