import { cell } from '../output/table.ts'
import type { View } from '../output/print.ts'

/** What the API calls an attachment, as far as it is shown. */
interface Attachment {
  readonly to?: Readonly<Record<string, unknown>>
  readonly policies?: string | readonly string[]
  readonly boundary?: string
}

/** Whom an attachment is for: `role client, tier=trial`. */
const selectorOf = ({ to = {} }: Attachment): string =>
  Object.entries(to)
    .map(([name, value]) => (name === 'attributes' ? cell(value) : `${name} ${cell(value)}`))
    .join(', ')

/** One attachment in a line. */
const lineOf = (attachment: Attachment): string => {
  const { policies, boundary } = attachment
  const given = [cell(policies), boundary === undefined ? '' : `within ${cell(boundary)}`]
  return `${selectorOf(attachment)}: ${given.filter((text) => text !== '').join(', ')}`
}

/** Attachments as a table. */
export const attachmentsView = (data: { readonly attachments: readonly object[] }): View => ({
  data,
  rows: (data.attachments as readonly Attachment[]).map((each) => ({
    to: selectorOf(each),
    policies: each.policies,
    boundary: each.boundary,
  })),
  columns: ['to', 'policies', 'boundary'],
  empty: 'no attachments',
})

/**
 * What becomes of a list, a line each: `-` for what is taken away, `+` for what is added. Empty if nothing
 * changes; their order means nothing.
 */
export const changesOf = (before: readonly object[], after: readonly object[]): string[] => {
  const [old, fresh] = [before.map(lineOf), after.map(lineOf)]
  return [
    ...old.filter((line) => !fresh.includes(line)).map((line) => `- ${line}`),
    ...fresh.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ]
}
