import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'

/** Smaller bodies gain nothing. */
const WORTH_BYTES = 1400

const { gzip } = process.getBuiltinModule('node:zlib')
/** The gzip form of a text. */
export const gzipOf: (text: string) => Promise<Buffer> = promisify(gzip)

/** Whether a caller takes gzip: it names it, or `*`, and not with a weight of nothing (RFC 9110 12.5.3). */
export const takesGzip = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean => {
  const accepted = (headers['accept-encoding'] ?? '').toLowerCase()
  const weights = new Map(
    accepted.split(',').map((each): [string, number] => {
      const [coding = '', ...parameters] = each.split(';').map((part) => part.trim())
      const weight = parameters.find((part) => part.startsWith('q='))
      return [coding, weight === undefined ? 1 : Number(weight.slice(2))]
    }),
  )
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0
}

/** Whether a text is worth to be compressed. */
export const isWorthCompressing = (text: string): boolean => text.length >= WORTH_BYTES
