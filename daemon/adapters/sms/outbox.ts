import { chmod, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { SmsSender } from '../../ports/sms.ts'

/**
 * Development's sender: appends each code as one JSON line to `<directory>/outbox.jsonl` (mode 0600), which `authctl otp tail` follows.
 * Several daemons may append to one file: whole lines are one write. Codes that come while a write runs wait and share the next one.
 */
export const createOutbox = ({ directory }: { directory: string }): SmsSender => {
  const path = join(directory, 'outbox.jsonl')
  let opening: Promise<FileHandle> | undefined
  let waiting = ''
  let next: Promise<void> | undefined
  let running: Promise<void> = Promise.resolve()

  const openPrivately = async (): Promise<FileHandle> => {
    const handle = await open(path, 'a', 0o600)
    await chmod(path, 0o600)
    return handle
  }

  const writeWaiting = async (): Promise<void> => {
    const lines = waiting
    waiting = ''
    next = undefined
    try {
      const handle = await (opening ??= openPrivately())
      await handle.appendFile(lines)
    } catch (error) {
      opening = undefined
      throw error
    }
  }

  /** Resolves once the line is in the file. */
  const append = (line: string): Promise<void> => {
    waiting += line
    if (next === undefined) {
      next = running.then(writeWaiting)
      running = next.catch(() => undefined)
    }
    return next
  }

  return {
    name: 'outbox',
    send: async ({ phone, code, purpose, expiresAt }) => {
      const line = {
        at: new Date().toISOString(),
        number: phone,
        code,
        purpose,
        expires_at: new Date(expiresAt).toISOString(),
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
