const FORCED_EXIT_CODE = 1

/**
 * Node opens its inspector, and with it everything in memory, on SIGUSR1 unless somebody listens. SIGUSR2
 * would end it without a drain, and is sent to whatever has a log.
 */
export const ignoreUserSignals = (): void => {
  for (const signal of ['SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => undefined)
}

/**
 * Resolves at the first SIGTERM, SIGINT or SIGQUIT; a further one ends the process at once. SIGHUP reloads,
 * except where the daemon runs in a terminal: there it means that the terminal is gone, and is a SIGTERM.
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
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, stop)
    process.on('SIGHUP', () => {
      if (inTerminal) stop()
      else if (!stopping) reload()
    })
  })
