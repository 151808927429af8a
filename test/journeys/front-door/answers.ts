const LONG_BODY = 200

/** What differs from run to run, by what stands for it. */
const VARYING: readonly (readonly [RegExp, string])[] = [
  [/^Date: .*$/gm, 'Date: DATE'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID'],
  [/\b([a-z]{2,4})_[0-9a-z]{26}\b/g, '$1_ID'],
  [/\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, 'TIME'],
  [/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'TOKEN'],
  [/authctl_rt_[\w-]+/g, 'REFRESH'],
  [/targetId="[\w-]{43}"/g, 'targetId="KEY"'],
  [/"(x|kid)":"[\w-]+"/g, '"$1":"KEY"'],
  [/"?(decision_id"?:|decisionId=)"[\w-]+"/g, '$1"DECISION"'],
  [/^Last-Modified: .*$/gm, 'Last-Modified: OF THE FILE'],
  [/^ETag: W\/.*$/gm, 'ETag: OF THE FILE'],
  [/127\.0\.0\.1:\d+/g, 'HOST'],
]

const steady = (text: string): string =>
  VARYING.reduce((changed, [pattern, name]) => changed.replace(pattern, name), text)

/** Pages, documents and lists change with what they are about; here only that they are whole. */
const shorten = (answer: string): string => {
  const end = answer.indexOf('\r\n\r\n') + 4
  const [head, body] = [answer.slice(0, end), answer.slice(end)]
  const length = Number(/^Content-Length: (\d+)$/m.exec(head)?.[1] ?? body.length)
  if (length <= LONG_BODY || !answer.startsWith('HTTP/1.1 200')) return answer
  if (body !== '' && length !== body.length) throw new Error(`a wrong length: ${head}`)
  return `${head.replace(`Content-Length: ${length}`, 'Content-Length: LENGTH')}${body === '' ? '' : '(a long body)'}`
}

/** What every line says alike, or the record says elsewhere. */
const PLAIN: Readonly<Record<string, unknown>> = {
  level: 'info',
  requestId: 'request',
  ip: '127.0.0.1',
  audit: true,
  event: 'request-refused',
  outcome: 'failure',
}
const ELSEWHERE = ['message', 'method', 'status', 'durationMs']

/** What was logged of a request, without what only time decides. */
const logged = (lines: readonly Record<string, unknown>[]): string =>
  lines
    .map((line) => {
      const shown = Object.entries(line).filter(
        ([name, value]) =>
          value !== undefined && value !== null && PLAIN[name] !== value && !ELSEWHERE.includes(name),
      )
      const fields = shown.map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      return line['message'] === 'request' ? fields.join(' ') : [line['message'], ...fields].join(' ')
    })
    .sort()
    .join(' | ')

/** The line of the request tells the status that was sent. */
const requireSame = (answer: string, lines: readonly Record<string, unknown>[]): void => {
  const line = lines.find(({ message }) => message === 'request') as { status: number } | undefined
  if (line !== undefined && !answer.startsWith(`HTTP/1.1 ${line.status} `))
    throw new Error(`logged as ${line.status}: ${answer}`)
}

/** Answers as they came, each written once with the requests that got it. */
export class Answers {
  readonly #requestsOf = new Map<string, string[]>()

  /** Takes one answer, with what was logged of its request. */
  add(name: string, answer: string, lines: readonly Record<string, unknown>[]): void {
    if (!answer.startsWith('HTTP/1.1 100 ')) requireSame(answer, lines)
    const text = steady(shorten(answer))
    const requests = this.#requestsOf.get(text) ?? []
    this.#requestsOf.set(text, requests)
    requests.push(`  ${name} (${steady(logged(lines))})`)
  }

  text(): string {
    const parts = [...this.#requestsOf].map(
      ([text, requests]) => `${text.replaceAll('\r\n', '\n').trimEnd()}\n\n${requests.join('\n')}\n`,
    )
    return parts.join('\n--------\n\n')
  }
}
