import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createClient } from '../../sdk/index.ts'
import { inSurroundings, surroundings } from '../../cli/surroundings.ts'
import { waitForDaemons } from '../../cli/policies/fleet/wait.ts'
import { startProgress } from '../../cli/output/progress.ts'

/** What a terminal is sent meanwhile. */
const sentDuring = async (work: () => Promise<unknown>): Promise<string> => {
  let sent = ''
  const stderr = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      sent += chunk.toString()
      done()
    },
  })
  const terminal = { ...surroundings(), stderr: Object.assign(stderr, { isTTY: true }) }
  await inSurroundings(terminal, work).catch(() => undefined)
  return sent
}

const CLEARED = /^\r\u001b\[K\S.*\r\u001b\[K$/

const BEHIND = { daemons: [{ id: 'd', host: 'h', pid: 1, is_current: false, revision: null }] }

/** Waits for a daemon that is behind until it cannot be asked any more. */
const waitInVain = async (): Promise<unknown> => {
  const answers = [Response.json(BEHIND)]
  const fetch = () => Promise.resolve(answers.pop() ?? new Response(null, { status: 403 }))
  const client = createClient({ baseUrl: 'http://x', accessToken: 't', fetch })
  return await waitForDaemons(client, { namespace: 'root', number: 2, seconds: 60 })
}

const work = (end: () => void) => async (): Promise<void> => {
  using progress = startProgress()
  progress.show('1 of 2')
  end()
}

test.each<[string, () => Promise<unknown>]>([
  ['work that ends', work(() => undefined)],
  [
    'work that fails',
    work(() => {
      throw new Error('broken')
    }),
  ],
  ['a wait for daemons that fails', waitInVain],
])('CLI-C12: a line of progress is gone from the terminal after %s', async (_name, doing) => {
  expect(await sentDuring(doing)).toMatch(CLEARED)
})
