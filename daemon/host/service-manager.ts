import { spawn } from 'node:child_process'

/** What the process is told about the service manager that started it. */
interface Environment {
  readonly [name: string]: string | undefined
}

/** Tells the service manager how the daemon is; does nothing where there is none. */
export interface ServiceManager {
  /**
   * The daemon serves. From now on the watchdog is told so at half its interval, for as long as the event
   * loop turns.
   */
  ready(): void
  /** The daemon drains and will end. */
  stopping(): void
}

const NONE: ServiceManager = { ready: () => undefined, stopping: () => undefined }

/** How often the watchdog wants to hear of this process; undefined if it does not. */
const watchdogMs = ({ WATCHDOG_USEC, WATCHDOG_PID }: Environment): number | undefined => {
  const isForUs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid
  const milliseconds = Number(WATCHDOG_USEC) / 1000
  return isForUs && milliseconds > 0 ? milliseconds / 2 : undefined
}

/**
 * systemd by its own `systemd-notify`: Node opens no datagram socket of a path by itself. The unit needs
 * `NotifyAccess=all`. The child gets the socket and the search path, and nothing else of the environment.
 */
export const createServiceManager = (env: Environment, warn: (message: string) => void): ServiceManager => {
  const { NOTIFY_SOCKET, PATH } = env
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === '') return NONE
  const tell = (state: string): void => {
    const child = spawn('systemd-notify', [state], {
      env: { NOTIFY_SOCKET, ...(PATH === undefined ? {} : { PATH }) },
      stdio: 'ignore',
    })
    child.once('error', (error) =>
      warn(`systemd-notify cannot be started (${error.message}); use Type=exec in the unit`),
    )
    child.unref()
  }
  const interval = watchdogMs(env)
  return {
    ready: () => {
      tell('READY=1')
      if (interval !== undefined) setInterval(() => tell('WATCHDOG=1'), interval).unref()
    },
    stopping: () => tell('STOPPING=1'),
  }
}
