import type { AccountId } from '../../domain/account.ts'
import type { ApplicationId } from '../../domain/application.ts'
import type { SessionId } from '../../domain/session.ts'
import type { Change, ChangesRead, ChangeStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

/** SQLite tells other processes nothing: they look. A look is one question about one number. */
const LOOK_MS = 100

interface ChangeRow {
  readonly seq: number
  readonly nonce: string
  readonly kind: 'begin' | 'account' | 'application' | 'session' | 'spent' | 'head'
  readonly id: string
  readonly path: string
  readonly ended_at: number | null
}

/** The nonce tells a row from the one of the same number in a file that was restored. */
const positionOf = ({ seq, nonce }: Pick<ChangeRow, 'seq' | 'nonce'>): string => `${seq}-${nonce}`

const seqOf = (position: string): number | undefined => {
  const [, seq] = /^(\d{1,15})-[0-9a-f]{16}$/.exec(position) ?? []
  return seq === undefined ? undefined : Number(seq)
}

const changeOf = ({ kind, id, path, ended_at: endedAt }: ChangeRow): Change[] => {
  if (kind === 'account') return [{ kind, id: id as AccountId, path, endedAt }]
  if (kind === 'session') return [{ kind, id: id as SessionId, path, endedAt: endedAt ?? 0 }]
  if (kind === 'application') return [{ kind, id: id as ApplicationId, path }]
  if (kind === 'spent') return [{ kind, key: id, path, expiresAt: endedAt ?? 0 }]
  return kind === 'head' ? [{ kind, namespace: id }] : []
}

/** The log of changes on SQLite: triggers write it in the transaction of the change itself. */
export const createChangeStore = (db: Database): ChangeStore => {
  const last = db.reading('SELECT seq, nonce FROM changes WHERE seq = (SELECT max(seq) FROM changes)')
  const at = db.reading('SELECT seq, nonce FROM changes WHERE seq = :seq')
  const following = db.reading('SELECT * FROM changes WHERE seq > :seq ORDER BY seq')

  const readAfter = (position: string): ChangesRead | undefined => {
    const seq = seqOf(position)
    const from = seq === undefined ? undefined : at.get<ChangeRow>({ seq })
    if (from === undefined || positionOf(from) !== position) return undefined
    const rows = following.all<ChangeRow>({ seq: from.seq })
    return { changes: rows.flatMap(changeOf), position: positionOf(rows.at(-1) ?? from) }
  }

  return {
    read: (after) =>
      db.read(() => {
        if (after !== undefined) return readAfter(after)
        const row = last.get<ChangeRow>()
        return row && { changes: [], position: positionOf(row) }
      }),
    settle: () => Promise.resolve(),
    watch: (changed) => {
      const version = db.watchOthers()
      const timer = setInterval(() => {
        if (version()) changed()
      }, LOOK_MS).unref()
      return () => {
        clearInterval(timer)
        return Promise.resolve()
      }
    },
  }
}
