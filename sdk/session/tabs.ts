import { web } from './web.ts'

/** What tabs of one origin tell each other: that the session may have changed, and nothing of it. */
export interface Tabs {
  /** Tells all other tabs. */
  readonly tell: () => void
  readonly close: () => void
}

/** None where the browser keeps a page from the other tabs of its origin, as with blocked cookies. */
const channelOf = ({ BroadcastChannel }: ReturnType<typeof web>, key: string) => {
  try {
    return BroadcastChannel && new BroadcastChannel(key)
  } catch {
    return undefined
  }
}

/**
 * Calls `hear` when another tab tells (BroadcastChannel), or has written to `localStorage` under this key,
 * which older browsers tell by themselves.
 */
export const joinTabs = (key: string, hear: () => void): Tabs => {
  const page = web()
  const channel = channelOf(page, key)
  const onStorage = ({ key: changed }: { readonly key: string | null }): void => {
    if (changed === key || changed === null) hear()
  }
  channel?.addEventListener('message', hear)
  channel?.unref?.()
  page.addEventListener?.('storage', onStorage)
  return {
    // A channel of one origin: its messages name no target.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    tell: () => channel?.postMessage('changed'),
    close: () => {
      channel?.close()
      page.removeEventListener?.('storage', onStorage)
    },
  }
}
