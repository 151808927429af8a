import type { Knowledge } from './knowledge.ts'
import type { Draft } from './requests.ts'
import { fillIn } from './values.ts'

/** Nothing of a path may end the request line. */
const lineOf = (method: string, target: string): string =>
  `${method} ${target.replaceAll(/[\r\n ]/g, '')} HTTP/1.1`

/** A draft as it goes over the wire, with ids that the daemon has given. */
export const bytesOf = (
  draft: Draft,
  { host, bearer, ids }: { host: string; bearer: string | undefined; ids: Pick<Knowledge['ids'], 'some'> },
) => {
  const fill = (text: string): string => fillIn(text, (prefix) => ids.some(prefix))
  const { body, isLatin1, isChunked, headers, repeated } = draft
  const target = fill(draft.target)
  const content = body === undefined ? undefined : Buffer.from(fill(body), isLatin1 ? 'latin1' : 'utf8')
  const url = draft.isWhole ? `http://${host}${target}` : target
  const lines = [lineOf(draft.method, url), `Host: ${host}`]
  if (bearer !== undefined) lines.push(`Authorization: Bearer ${bearer}`)
  const sent = new Set<string>()
  for (const [name, value] of headers) {
    if (sent.has(name)) continue
    sent.add(name)
    lines.push(`${name}: ${value}`)
  }
  const [again] = repeated === undefined ? [] : lines.slice(1 + (repeated % (lines.length - 1)))
  if (again !== undefined) lines.push(again)
  if (content !== undefined)
    lines.push(isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${content.length}`)
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const chunked = (data: Buffer): Buffer[] =>
    data.length === 0
      ? [Buffer.from('0\r\n\r\n')]
      : [Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n0\r\n\r\n')]
  const parts = content === undefined ? [] : isChunked ? chunked(content) : [content]
  return { target, bytes: Buffer.concat([head, ...parts]) }
}
