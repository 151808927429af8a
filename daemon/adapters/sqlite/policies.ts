import {
  StoreFailure,
  type ContentAddressed,
  type PolicyHead,
  type PolicyStore,
} from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

/** The store of policies on SQLite. */
export const createPolicyStore = (db: Database): PolicyStore => {
  const heads = db.reading('SELECT namespace, revision, number FROM policy_heads')
  const text = db.reading('SELECT hash, content FROM policy_texts WHERE hash = :hash')
  const insertText = db.writing('INSERT INTO policy_texts VALUES (:hash, :content) ON CONFLICT DO NOTHING')
  const insertHead = db.writing(
    'INSERT INTO policy_heads VALUES (:namespace, :revision, :number) ON CONFLICT DO NOTHING',
  )
  const updateHead = db.writing(
    'UPDATE policy_heads SET revision = :revision, number = :number WHERE namespace = :namespace AND revision = :from',
  )
  const owns = db.writing('SELECT 1 FROM accounts WHERE id = :owner')

  const deleteText = db.writing('DELETE FROM policy_texts WHERE hash = :hash')
  const nextHashes = db.reading(
    'SELECT hash FROM policy_texts WHERE hash > :after ORDER BY hash LIMIT :limit',
  )

  const areAt = (present: readonly PolicyHead[]): boolean => {
    const current = heads.all<PolicyHead>()
    return (
      current.length === present.length &&
      current.every((row) =>
        present.some((head) => head.namespace === row.namespace && head.revision === row.revision),
      )
    )
  }

  return {
    heads: () => db.read(() => heads.all<PolicyHead>().map((row) => ({ ...row }))),
    read: (hashes) =>
      db.read(() =>
        hashes.flatMap((hash) => {
          const found = text.get<ContentAddressed>({ hash })
          return found === undefined ? [] : [{ ...found }]
        }),
      ),
    moveHead: ({ head: { namespace, revision, number }, from, texts, owner }) =>
      db.write(() => {
        if (owner !== null && owns.get({ owner }) === undefined)
          throw new StoreFailure('not_found', 'the owner of the namespace is gone')
        const moved =
          from === null
            ? insertHead.run({ namespace, revision, number })
            : updateHead.run({ namespace, revision, number, from })
        if (moved !== 1) return false
        for (const { hash, content } of texts) insertText.run({ hash, content })
        return true
      }),
    listTexts: ({ after, limit }) =>
      db.read(() => nextHashes.all<{ hash: string }>({ after, limit }).map(({ hash }) => hash)),
    // In one transaction with the heads, when a text was kept says nothing more.
    deleteTexts: ({ hashes, heads: present }) =>
      db.write(() => {
        if (!areAt(present)) return 0
        let deleted = 0
        for (const hash of hashes) deleted += deleteText.run({ hash })
        return deleted
      }),
    // SQLite tells other processes nothing.
    watch: () => () => Promise.resolve(),
  }
}
