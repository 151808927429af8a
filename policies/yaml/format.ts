import { isMap, isScalar, parseDocument, visit, type Pair } from 'yaml'
import { saysTheSame } from '../text/format.ts'
import { keyOrder } from '../text/key-order.ts'
import { parseYaml } from './read.ts'

/** Lines that would be longer are broken. */
export const WIDTH = 110

const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '')

/** The texts of the comments of a file, in any order. */
const commentsOf = (text: string): string => {
  const comments: string[] = []
  const document = parseDocument(text)
  const note = (...each: readonly (string | null | undefined)[]): void => {
    for (const comment of each)
      if (typeof comment === 'string') comments.push(...comment.split('\n').map((line) => line.trim()))
  }
  note(document.commentBefore, document.comment)
  visit(document, { Node: (_key, node) => note(node.commentBefore, node.comment) })
  return comments
    .filter((line) => line !== '')
    .sort()
    .join('\n')
}

/**
 * A YAML file of a set in its one form: elements in the order of the reference, comments with what they are
 * about. Undefined if it cannot be read, or if what came out would not say the same with the same comments.
 */
export const formatYaml = (text: string): string | undefined => {
  const { node, problems } = parseYaml(text)
  if (node === undefined || problems.length > 0) return undefined
  const document = parseDocument(text, { version: '1.2', schema: 'core' })
  visit(document, {
    Map: (_key, map) => {
      if (!isMap(map)) return
      const order = keyOrder(map.items.map(keyOf))
      if (order !== undefined) map.items.sort((a, b) => order.indexOf(keyOf(a)) - order.indexOf(keyOf(b)))
    },
  })
  const formatted = document.toString({ lineWidth: WIDTH, flowCollectionPadding: false })
  const isSame = saysTheSame(text, formatted, parseYaml) && commentsOf(text) === commentsOf(formatted)
  return isSame ? formatted : undefined
}
