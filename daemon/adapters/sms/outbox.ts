import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { smsText, type SmsHosts } from '../../domain/sms-text.ts'
import type { SmsSender } from '../../ports/sms.ts'
import { openPrivately } from '../files/open-privately.ts'

/**
 * One write takes at most so many waiting lines, far below the size at which the system may take only a part.
 */
const LINES_PER_WRITE = 500

/** Where codes are written, and the pages that they are bound to. */
export interface OutboxOptions {
  readonly directory: string
  readonly hosts?: SmsHosts
}

/**
 * Development's sender: appends each code as one JSON line to `<directory>/outbox.jsonl` (mode 0600), which
 * `authctl otp tail` follows. Several daemons may append to one file: a write is whole lines, in one call.
 * Codes that come while a write runs wait and share the next one.
 */
export const createOutbox = ({ directory, hosts = {} }: OutboxOptions): SmsSender => {
  const path = join(directory, 'outbox.jsonl')
  let opening: Promise<FileHandle> | undefined
  let waiting: string[] = []
  let next: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()

  const writeLines = async (handle: FileHandle, lines: readonly string[]): Promise<void> => {
    const bytes = Buffer.from(lines.join(''))
    const { bytesWritten } = await handle.write(bytes)
    if (bytesWritten < bytes.length) throw Object.assign(new Error('a part was written'), { code: 'ENOSPC' })
  }

  const writeWaiting = async (): Promise<void> => {
    const lines = waiting
    waiting = []
    next = undefined
    try {
      const handle = await (opening ??= openPrivately(path))
      for (let from = 0; from < lines.length; from += LINES_PER_WRITE)
        await writeLines(handle, lines.slice(from, from + LINES_PER_WRITE))
    } catch (error) {
      const failed = opening
      opening = undefined
      await failed?.then((handle) => handle.close()).catch(() => undefined)
      throw error
    }
  }

  /** Resolves once the line is in the file. */
  const append = (line: string): Promise<void> => {
    waiting.push(line)
    if (next === undefined) {
      next = running.then(writeWaiting)
      running = next.catch(() => undefined)
    }
    return next
  }

  return {
    name: 'outbox',
    send: async ({ phone, code, purpose, expiresAt, applicationId }) => {
      const line = {
        at: new Date().toISOString(),
        number: phone,
        code,
        purpose,
        expires_at: new Date(expiresAt).toISOString(),
        text: smsText(hosts, { code, applicationId }),
      }
      try {
        await append(`${JSON.stringify(line)}\n`)
        return { kind: 'sent', providerId: null }
      } catch (error) {
        return {
          kind: 'unavailable',
          detail: `the outbox cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
        }
      }
    },
    close: async () => {
      await running
      const handle = await opening?.catch(() => undefined)
      opening = undefined
      await handle?.close()
    },
  }
}
