import { web } from './web.ts'

const LOOK_MS = 20_000

const WAKING = ['focus', 'online', 'pageshow'] as const

/**
 * Calls `tick` every twenty seconds while the page is shown, and at once when it is shown, focused or back
 * online again; never while it is hidden, and never where there is no page. Returns how to stop that.
 */
export const whileShown = (tick: () => void): (() => void) => {
  const page = web()
  const { document } = page
  if (document === undefined) return () => undefined
  let timer: ReturnType<typeof setInterval> | undefined
  const follow = (): void => {
    clearInterval(timer)
    if (document.hidden) return
    tick()
    timer = setInterval(tick, LOOK_MS)
  }
  document.addEventListener('visibilitychange', follow)
  for (const event of WAKING) page.addEventListener?.(event, follow)
  follow()
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', follow)
    for (const event of WAKING) page.removeEventListener?.(event, follow)
  }
}
