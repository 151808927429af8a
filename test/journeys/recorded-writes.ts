import { readFileSync } from 'node:fs'

/** One thing that a traced daemon did, in the order in which the kernel did it. */
export type Step =
  | { readonly kind: 'write'; readonly file: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly file: string; readonly size: number }
  | { readonly kind: 'sync'; readonly file: string }
  | { readonly kind: 'unlink'; readonly file: string }
  /** An answer that left the daemon. */
  | { readonly kind: 'answer'; readonly requestId: string; readonly status: number }

/** What runs a daemon under the recorder, as its own process with the tracer beside it. */
export const recorderTo = (log: string): readonly string[] => [
  'strace',
  '-D', // The daemon keeps the place of the child, and takes its signals.
  '-f',
  '--seccomp-bpf',
  '-qq',
  '-y',
  '-xx',
  '--string-limit=16384',
  `--output=${log}`,
  '--trace=pwrite64,ftruncate,fdatasync,fsync,unlink,write,writev',
  '--signal=none',
]

const unescape = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex')
const pathOf = (text: string): string => unescape(text).toString('utf8')

const SYNC = /^f(?:data)?sync\(\d+<([^>]*)>\)\s+= 0/
const WRITE = /^pwrite64\(\d+<([^>]*)>, "([^"]*)", (\d+), (\d+)\)\s+= (\d+)/
const TRUNCATE = /^ftruncate\(\d+<([^>]*)>, (\d+)\)\s+= 0/
const UNLINK = /^unlink\("([^"]*)"\)\s+= 0/
const ANSWER = /HTTP\/1\.1 (\d{3})[\s\S]*?\r\nX-Request-Id: ([\w-]+)\r\n/gi

/** A call that has ended; undefined when it failed or is of no interest. */
const readCall = (call: string): Step | undefined => {
  const write = WRITE.exec(call)
  if (write) {
    const [, file = '', data = '', length, offset, written] = write
    if (length !== written) throw new Error(`a short write of ${written} bytes instead of ${length}`)
    return { kind: 'write', file: pathOf(file), offset: Number(offset), data: unescape(data) }
  }
  const sync = SYNC.exec(call)
  if (sync) return { kind: 'sync', file: pathOf(sync[1] ?? '') }
  const truncate = TRUNCATE.exec(call)
  if (truncate) return { kind: 'truncate', file: pathOf(truncate[1] ?? ''), size: Number(truncate[2]) }
  const unlink = UNLINK.exec(call)
  return unlink ? { kind: 'unlink', file: pathOf(unlink[1] ?? '') } : undefined
}

const readAnswers = (call: string): Step[] => {
  const strings = [...call.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) => unescape(text))
  const sent = Buffer.concat(strings).toString('latin1')
  return [...sent.matchAll(ANSWER)].map(([, status, requestId = '']) => ({
    kind: 'answer',
    requestId,
    status: Number(status),
  }))
}

/**
 * The steps of a recording. A change of a file counts when its call ends, an answer when its call begins:
 * what was promised is never dated too late.
 */
export const readRecording = (log: string): Step[] => {
  const steps: Step[] = []
  const begun = new Map<string, string>()
  for (const line of readFileSync(log, 'latin1').split('\n')) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/s.exec(line) ?? []
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/s.exec(text)
    if (resumed === null && /^writev?\(/.test(text)) steps.push(...readAnswers(text))
    const unfinished = /^(.*?) ?<unfinished \.\.\.>$/s.exec(text)
    if (unfinished) {
      begun.set(thread, unfinished[1] ?? '')
      continue
    }
    const step = readCall(resumed ? `${begun.get(thread)}${resumed[1]}` : text)
    if (step !== undefined) steps.push(step)
  }
  return steps
}
