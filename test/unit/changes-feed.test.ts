import { expect, onTestFinished, test } from 'vitest'
import { createClient } from '../../sdk/index.ts'
import { TimeoutError } from '../../sdk/errors.ts'
import { followChanges } from '../../sdk/server/feed.ts'

test('changes are polled where a proxy holds back even the head of the stream', async () => {
  const asked: string[] = []
  const late = (url: string) => {
    asked.push(new URL(url).pathname)
    return Promise.reject(new TimeoutError('http://x', 1, { attempts: 1, requestId: 'r' }))
  }
  const client = createClient({ baseUrl: 'http://x', accessToken: 't', middleware: [() => late] })
  const closing = new AbortController()
  onTestFinished(() => closing.abort())
  const { signal } = closing
  void followChanges({ client, hear: async () => undefined, onError: () => undefined, signal })
  await expect.poll(() => asked, { timeout: 10_000 }).toHaveLength(3)
  expect(asked).toEqual(['/policies/events', '/policies/events', '/policies/changes'])
})
