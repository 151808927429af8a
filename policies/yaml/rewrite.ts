import { isMap, isNode, isScalar, isSeq, parseDocument, Scalar, visit, type Document, type Node } from 'yaml'
import { plainValue } from '../text/json.ts'
import { continueList, continueObject, isPlainObject, meansTheSame } from '../text/same-meaning.ts'
import { formatYaml, WIDTH } from './format.ts'
import { parseYaml } from './read.ts'

/** What every reader of YAML takes for a text. */
const SURE = /^(?!(?:y|n|yes|no|on|off|true|false|null|nan|inf)$)[A-Za-z_/][A-Za-z0-9_./@+:-]*$/i

/** Whether flow collections have a blank inside: one rule for maps and lists, so lists decide. */
const PADDED = /\[ |^[^[]*\{ [^[]*$/

/** A value that no text has yet. Texts that could be read as something else stand in quotes. */
const freshNode = (document: Document, value: unknown): Node => {
  const node = document.createNode(value) as Node
  visit(node, {
    Scalar: (_key, scalar) => {
      if (typeof scalar.value === 'string' && !SURE.test(scalar.value)) scalar.type = Scalar.QUOTE_SINGLE
    },
  })
  return node
}

/** In the place of another: with its comments. */
const inPlaceOf = (old: Node, node: Node): Node => {
  const { comment, commentBefore, spaceBefore } = old
  return Object.assign(node, {
    ...(typeof comment === 'string' && { comment }),
    ...(typeof commentBefore === 'string' && { commentBefore }),
    ...(spaceBefore === true && { spaceBefore }),
  })
}

const rewriteNode = (document: Document, node: Node, wanted: unknown): Node => {
  if (meansTheSame(node.toJS(document), wanted)) return node
  if (isMap(node) && isPlainObject(wanted)) {
    const keys = node.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''))
    const { kept, added } = continueObject(keys, wanted)
    node.items = node.items.filter((_pair, index) => kept.includes(keys[index] ?? ''))
    for (const [index, key] of kept.entries()) {
      const pair = node.items[index]
      if (pair !== undefined && isNode(pair.value))
        pair.value = rewriteNode(document, pair.value, wanted[key])
    }
    for (const key of added) node.add(document.createPair(key, freshNode(document, wanted[key])))
    return node
  }
  if (isSeq(node)) {
    const present = node.items.filter(isNode)
    const values = present.map((item): unknown => item.toJS(document))
    node.items = continueList(values, Array.isArray(wanted) ? wanted : [wanted]).map(({ from, value }) => {
      const item = from === undefined ? undefined : present[from]
      return item === undefined ? freshNode(document, value) : rewriteNode(document, item, value)
    })
    return node
  }
  return inPlaceOf(node, freshNode(document, wanted))
}

/**
 * A YAML file of a set, changed so that it says a value: what says it already stays where it is, and comments
 * stay with what they are about. A file in the one form of `fmt` stays in it. Undefined if the text cannot be
 * read.
 */
export const rewriteYaml = (text: string, value: object): string | undefined => {
  const { node, problems } = parseYaml(text)
  if (node === undefined || problems.length > 0) return undefined
  const document = parseDocument(text, { version: '1.2', schema: 'core' })
  if (document.contents === null) return undefined
  const contents = rewriteNode(document, document.contents, value)
  document.contents = contents as typeof document.contents
  const written = document.toString({ lineWidth: WIDTH, flowCollectionPadding: PADDED.test(text) })
  const rewritten = formatYaml(text) === text ? (formatYaml(written) ?? written) : written
  const read = parseYaml(rewritten)
  const isRead = read.node !== undefined && read.problems.length === 0
  return isRead && meansTheSame(plainValue(read.node), value) ? rewritten : undefined
}
