import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A valid Indian mobile number for each index below 10,000,000. */
export const numberOf = (index: number): string => `+9198${String(10_000_000 + index)}`

/** Follows the outbox of a data directory. A line that a killed daemon left unfinished gives no code. */
export class Outbox {
  readonly #path: string
  readonly #codes = new Map<string, string>()
  #offset = 0
  #rest = ''

  constructor(dataDir: string) {
    this.#path = join(dataDir, 'outbox.jsonl')
  }

  /** The newest code of a number so far. */
  codeOf(number: string): string | undefined {
    this.#readOn()
    return this.#codes.get(number)
  }

  /** The newest code of a number; undefined when none comes in time. */
  async awaitCode(number: string, deadlineMs = 10_000): Promise<string | undefined> {
    const deadline = Date.now() + deadlineMs
    for (;;) {
      const code = this.codeOf(number)
      if (code !== undefined || Date.now() > deadline) return code
      await sleep(10)
    }
  }

  #readOn(): void {
    if (!existsSync(this.#path)) return
    const descriptor = openSync(this.#path, 'r')
    const chunk = Buffer.alloc(64 * 1024)
    for (;;) {
      const bytes = readSync(descriptor, chunk, 0, chunk.length, this.#offset)
      if (bytes === 0) break
      this.#offset += bytes
      const lines = (this.#rest + chunk.toString('latin1', 0, bytes)).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#keep(line)
    }
    closeSync(descriptor)
  }

  #keep(line: string): void {
    const [, number, code] = /"number":"(\+\d+)","code":"(\d+)".*\}$/.exec(line) ?? []
    if (number !== undefined && code !== undefined) this.#codes.set(number, code)
  }
}
