import type { RunningDaemon } from './serve.ts'
import { VERSION } from './version.ts'

const CYAN = '\u001B[36m'
const RESET = '\u001B[0m'

/** How and by which command the daemon was started. */
interface Occasion {
  readonly production: boolean
  readonly docs: boolean
  readonly colour: boolean
  /** What the reader types to call the command line from any folder. */
  readonly command: string
}

/**
 * What a person sees at start: where things are and what to type next. No secret is part of it, only where it
 * is kept.
 */
export const banner = (
  daemon: Pick<RunningDaemon, 'url' | 'publicUrl' | 'sender' | 'setupTokenPath'>,
  { production, docs, colour, command }: Occasion,
): string => {
  const mark = (text: string): string => (colour ? `${CYAN}${text}${RESET}` : text)
  const lines = [
    ``,
    `authctl ${VERSION} is listening on ${mark(daemon.url)}${production ? '' : ' (development mode)'}`,
    ...(daemon.publicUrl === daemon.url ? [] : [`  public URL    ${daemon.publicUrl}`]),
    ...(docs ? [`  API docs      ${mark(`${daemon.url}/docs`)} and ${mark(`${daemon.url}/redoc`)}`] : []),
    `  OTPs go to    ${daemon.sender === 'outbox' ? `the local outbox: ${mark(`${command} otp tail`)}` : daemon.sender}`,
    ...(daemon.setupTokenPath === undefined
      ? []
      : [
          `  next          no super-admin yet: ${mark(`${command} bootstrap`)}`,
          `                (set-up token for remote use: ${daemon.setupTokenPath})`,
        ]),
    ``,
  ]
  return `${lines.join('\n')}\n`
}
