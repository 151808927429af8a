import { PolicyChanges, Snapshot, AccountFactsPage } from '../../contract/schemas/snapshot.ts'
import type { Routes } from '../../contract/routes.ts'
import type { AccountId } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { isNews, type LocalChanges } from '../../domain/local/changes.ts'
import { LOCAL_FORMAT } from '../../domain/local/view.ts'
import { namesTag } from '../../domain/precondition.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createLocal, type LoadedSnapshot } from '../../usecases/local/local.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import type { Handlers, Reply, Request } from '../reply.ts'
import { filterReply } from '../validate.ts'
import { toPolicyChanges } from '../views.ts'

const NO_STORE = { 'Cache-Control': 'no-store' }
const PRIVATE = { 'Cache-Control': 'private, no-cache' }
const listOf = (text: string | undefined): string[] | undefined => text?.split(',')

/** `Last-Event-ID` is what clients of the standard send; one that is no position of ours is none. */
const POSITION = /^[A-Za-z0-9_.-]{1,1024}$/

const toSnapshot = ({ revision, step, signature }: LoadedSnapshot) =>
  filterReply(Snapshot, {
    ...step.difference,
    revision,
    since: step.since,
    documents: step.documents,
    signature,
  })

const eventOf = (position: string, text: string): string => `id: ${position}\ndata: ${text}\n\n`

type FollowRequest = Pick<
  Request<Routes['snapshots.events']>,
  'caller' | 'origin' | 'query' | 'again' | 'detach' | 'lastEventId'
>

/** The handlers of what applications load to decide by themselves. */
export const createSnapshotHandlers = (deps: Deps) => {
  const local = createLocal(deps)
  const texts = new WeakMap<LocalChanges, string>()

  /** Signs and writes what is told to one, who may have made something up for it. */
  const writtenFor = (changes: LocalChanges, nonce: string | undefined): string => {
    const body = toPolicyChanges(changes)
    const { audience } = changes
    const signature = local.attest('authctl-changes+jws', { audience, nonce }, body)
    return JSON.stringify(filterReply(PolicyChanges, { ...body, signature }))
  }

  /** The same changes are told to several: they are signed and written once. */
  const textOf = (changes: LocalChanges): string => {
    const text = texts.get(changes) ?? writtenFor(changes, undefined)
    texts.set(changes, text)
    return text
  }

  const afterOf = ({ query, lastEventId }: FollowRequest): string | undefined =>
    lastEventId !== undefined && POSITION.test(lastEventId) ? lastEventId : query.after

  const follow = (request: FollowRequest, tell: (changes: LocalChanges) => void): Promise<() => void> => {
    const { caller, origin, query, again, detach } = request
    const asked = { services: listOf(query.services), after: afterOf(request) }
    detach()
    return local.follow({ principal: caller, origin }, asked, { tell, stillMay: again })
  }

  /** What is told before the head is sent waits for it. */
  const stream = async (request: FollowRequest): Promise<Reply> => {
    const early: LocalChanges[] = []
    let tell = (changes: LocalChanges): void => void early.push(changes)
    const stop = await follow(request, (changes) => tell(changes))
    return {
      status: 200,
      headers: { ...NO_STORE, 'X-Accel-Buffering': 'no' },
      live: ({ send, end }) => {
        let { nonce } = request.query
        tell = (changes) => {
          // The first is fresh by it, and dates those that follow.
          send(eventOf(changes.position, nonce === undefined ? textOf(changes) : writtenFor(changes, nonce)))
          nonce = undefined
          if (changes.ending !== null) end()
        }
        for (const changes of early.splice(0)) tell(changes)
        return stop
      },
    }
  }

  return {
    'snapshots.get': async ({ caller, origin, query, precondition: { ifNoneMatch } }) => {
      const asked = { services: listOf(query.services), since: query.since }
      const loaded = await local.snapshot({ principal: caller, origin }, asked)
      const headers = { ETag: `W/"${loaded.revision}"`, ...PRIVATE }
      if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, loaded.revision)) return { status: 304, headers }
      return { status: 200, headers, wire: JSON.stringify(toSnapshot(loaded)) }
    },

    'snapshots.accounts': async ({ caller, origin, query: { ids, below, limit = 200, cursor, nonce } }) => {
      const loading = { principal: caller, origin }
      if ((ids === undefined) === (below === undefined)) {
        const detail = 'Name either accounts, or the one below which all are meant.'
        throw new Failure('invalid_request', { errors: [{ pointer: '/query/ids', code: 'oneOf', detail }] })
      }
      const from = decodeCursor(cursor, 'number', 'string', 'number')
      const after = from && {
        position: { createdAt: from[0], id: from[1] as AccountId },
        count: from[2],
      }
      const page =
        below === undefined
          ? await local.facts(loading, listOf(ids) ?? [])
          : await local.factsBelow(loading, { below, limit, after })
      const { audience, accounts, missing, next } = page
      const end = next && encodeCursor([next.position.createdAt, next.position.id, next.count])
      const body = { format: LOCAL_FORMAT, audience, accounts, missing, next_cursor: end }
      const signature = local.attest('authctl-accounts+jws', { audience, nonce }, body)
      const text = JSON.stringify(filterReply(AccountFactsPage, { ...body, signature }))
      return { status: 200, headers: NO_STORE, wire: text }
    },

    'snapshots.events': stream,

    'snapshots.changes': async (request) => {
      const { wait = 0, revision, nonce } = request.query
      let leaving: Promise<() => void> | undefined
      let timer: NodeJS.Timeout | undefined
      try {
        const told = await new Promise<LocalChanges>((resolve, reject) => {
          let last: LocalChanges | undefined
          const known = (): string | undefined => revision ?? last?.revision
          const tell = (changes: LocalChanges): void => {
            if (wait === 0 || changes.ending !== null || isNews(changes, known())) resolve(changes)
            last = changes
          }
          leaving = follow(request, tell)
          leaving.catch(reject)
          timer = setTimeout(() => last && resolve(last), wait * 1000)
        })
        // What came between, and was no news, is part of the one answer.
        const answered = { ...told, previous: afterOf(request) ?? null }
        return { status: 200, headers: NO_STORE, wire: writtenFor(answered, nonce) }
      } finally {
        clearTimeout(timer)
        void leaving?.then(
          (leave) => leave(),
          () => undefined,
        )
      }
    },
  } satisfies Partial<Handlers<Routes>>
}
