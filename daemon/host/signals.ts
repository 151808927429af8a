const FORCED_EXIT_CODE = 1

/** Node opens its inspector, and with it everything in memory, on SIGUSR1 unless somebody listens. */
export const refuseInspector = (): void => void process.on('SIGUSR1', () => undefined)

/**
 * Resolves at the first SIGTERM or SIGINT; a further one ends the process at once. SIGHUP reloads, except
 * where the daemon runs in a terminal: there it means that the terminal is gone, and is a SIGTERM.
 */
export const untilStopped = ({
  reload,
  inTerminal,
}: {
  reload: () => void
  inTerminal: boolean
}): Promise<void> =>
  new Promise((resolve) => {
    let stopping = false
    const stop = (): void => {
      if (stopping) process.exit(FORCED_EXIT_CODE)
      stopping = true
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
    process.on('SIGHUP', () => {
      if (inTerminal) stop()
      else if (!stopping) reload()
    })
  })
