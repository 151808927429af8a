import { request, type ClientRequest } from 'node:http'
import type { PolicyChanges } from '../../sdk/types.gen.ts'

/** A stream of changes that a test follows. */
export interface EventStream {
  readonly events: PolicyChanges[]
  readonly status: number
  /** Whether the daemon has ended it. */
  readonly isEnded: () => boolean
  readonly close: () => void
}

/** Follows the changes as a client of the standard does; resolves when the head has come. */
export const openStream = (
  url: string,
  token: string,
  { query = '', lastEventId }: { query?: string; lastEventId?: string } = {},
): Promise<EventStream> =>
  new Promise((resolve, reject) => {
    const events: PolicyChanges[] = []
    let isEnded = false
    const outgoing: ClientRequest = request(`${url}/policies/events${query}`, {
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'text/event-stream',
        ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
      },
    })
    outgoing.on('response', (incoming) => {
      let rest = ''
      incoming.setEncoding('utf8')
      incoming.on('data', (text: string) => {
        const parts = (rest + text).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) {
          const data = /^data: (.*)$/m.exec(part)?.[1]
          if (data !== undefined) events.push(JSON.parse(data) as PolicyChanges)
        }
      })
      const end = (): void => void (isEnded = true)
      incoming.on('end', end).on('error', end)
      const status = incoming.statusCode ?? 0
      resolve({ events, status, isEnded: () => isEnded, close: () => void outgoing.destroy() })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
