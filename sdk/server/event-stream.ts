/** More than this without the end of an event is none. */
const MAX_CHARACTERS = 8_000_000

const dataOf = (event: string): string =>
  event
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? [line.slice(line[5] === ' ' ? 6 : 5)] : []))
    .join('\n')

/**
 * Reads a body of Server-Sent Events (WHATWG HTML section 9.2) and hands on the data of each event, one after
 * the other. Ends with the body, with the signal, or when `hear` says false; rejects with what `hear` rejects
 * with, and when nothing comes for `silenceMs`. The body is then cancelled.
 */
export const readEventStream = async (
  body: ReadableStream<Uint8Array>,
  { silenceMs, signal }: { silenceMs: number; signal: AbortSignal },
  hear: (data: string) => Promise<boolean>,
): Promise<void> => {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const cancel = (): void => void reader.cancel().catch(() => undefined)
  let timer: ReturnType<typeof setTimeout> | undefined
  let isSilent = false
  const watch = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      isSilent = true
      cancel()
    }, silenceMs)
  }
  let text = ''
  signal.addEventListener('abort', cancel)
  if (signal.aborted) cancel()
  watch()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (isSilent) throw new Error(`nothing came for ${silenceMs} ms`)
      if (done) return
      watch()
      text = (text + decoder.decode(value, { stream: true })).replaceAll('\r\n', '\n')
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      if (text.length > MAX_CHARACTERS) throw new Error('an event does not end')
      for (const data of events.map(dataOf)) if (data !== '' && !(await hear(data))) return
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', cancel)
    cancel()
  }
}
