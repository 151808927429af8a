import type { PolicyStore } from '../../daemon/ports/stores/index.ts'

/** A store whose heads and texts are what the test says. */
export const storeOf = (
  heads: { namespace: string; revision: string; number: number }[],
  texts: Readonly<Record<string, unknown>>,
) =>
  ({
    heads: () => Promise.resolve([...heads]),
    read: (hashes: readonly string[]) =>
      Promise.resolve(
        hashes.flatMap((hash) => (hash in texts ? [{ hash, content: JSON.stringify(texts[hash]) }] : [])),
      ),
    watch: () => () => Promise.resolve(),
  }) as unknown as PolicyStore

/** The first revision of the root, with nothing in it but what is said. */
export const revision = (more: object) => ({
  namespace: 'root',
  above: [],
  number: 1,
  parent: null,
  createdAt: 0,
  actorId: null,
  policies: {},
  services: {},
  attachments: [],
  ...more,
})
