import { listOf } from '../engine/condition.ts'
import type { Attachment, Scalar, Selector } from '../language.ts'

/** A selector as it is written: an attribute may have one of several values. */
type WrittenSelector = Omit<Selector, 'attributes'> & {
  readonly attributes?: Readonly<Record<string, Scalar | readonly Scalar[]>>
}

/** An attachment as it is written. */
export type WrittenAttachment = Omit<Attachment, 'to'> & { readonly to: WrittenSelector }

const unique = (values: readonly Scalar[]): Scalar[] => [
  ...new Map(values.map((value) => [String(value), value])).values(),
]

/** Every combination of one value of each attribute. */
const combinations = (attributes: NonNullable<WrittenSelector['attributes']>): Record<string, Scalar>[] =>
  Object.entries(attributes).reduce<Record<string, Scalar>[]>(
    (all, [name, values]) =>
      all.flatMap((one) => unique(listOf<Scalar>(values)).map((value) => ({ ...one, [name]: value }))),
    [{}],
  )

/**
 * The attachments for which one stands that is written with several values of attributes: an account that has
 * one of each is selected by exactly one of them. All that asks whom an attachment is for sees these.
 */
export const eachAttachment = ({ to, ...given }: WrittenAttachment): Attachment[] => {
  const { attributes, ...selector } = to
  return attributes === undefined
    ? [{ to: selector, ...given }]
    : combinations(attributes).map((each) => ({ to: { ...selector, attributes: each }, ...given }))
}
