import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'

const OUTBOX_WAIT_MS = 10_000

/** Valid Indian mobile numbers, each given out once. */
export const createNumbers = () => {
  let next = 9_800_000_000
  return (count: number): string[] => {
    const numbers: string[] = []
    for (; numbers.length < count; next++)
      if (parsePhoneNumberFromString(`+91${next}`)?.isValid() === true) numbers.push(`+91${next}`)
    return numbers
  }
}

const codesIn = (outbox: string): Map<string, string> => {
  const codes = new Map<string, string>()
  for (const line of readFileSync(outbox, 'utf8').trimEnd().split('\n')) {
    const { number, code } = JSON.parse(line) as { number: string; code: string }
    codes.set(number, code)
  }
  return codes
}

/** The codes that were sent to the numbers, once the outbox has no more to come. */
export const awaitCodes = async (dataDir: string, sent: readonly string[]): Promise<Map<string, string>> => {
  const outbox = join(dataDir, 'outbox.jsonl')
  const deadline = Date.now() + OUTBOX_WAIT_MS
  for (;;) {
    const codes = codesIn(outbox)
    const missing = sent.filter((number) => !codes.has(number))
    if (missing.length === 0) return codes
    if (Date.now() > deadline) throw new Error(`${missing.length} codes were not delivered`)
    await sleep(100)
  }
}
