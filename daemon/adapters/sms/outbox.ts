import { chmod, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { SmsSender } from '../../ports/sms.ts'

/**
 * Development's sender: appends each code as one JSON line to `<directory>/outbox.jsonl` (mode 0600), which `authctl otp tail` follows.
 * Several daemons may append to one file: a line is one write.
 */
export const createOutbox = ({ directory }: { directory: string }): SmsSender => {
  const path = join(directory, 'outbox.jsonl')
  let opening: Promise<FileHandle> | undefined

  const openPrivately = async (): Promise<FileHandle> => {
    const handle = await open(path, 'a', 0o600)
    await chmod(path, 0o600)
    return handle
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
        const handle = await (opening ??= openPrivately())
        await handle.write(`${JSON.stringify(line)}\n`)
        return { kind: 'sent', providerId: null }
      } catch (error) {
        opening = undefined
        return {
          kind: 'unavailable',
          detail: `the outbox cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
        }
      }
    },
    close: async () => {
      const handle = await opening?.catch(() => undefined)
      opening = undefined
      await handle?.close()
    },
  }
}
