import { env, getBuiltinModule } from 'node:process'

// An import would read every export, and one of them looks at the colours of the terminal: with NO_COLOR and
// FORCE_COLOR both set, Node would warn of that before this command line could settle it.
const { styleText } = getBuiltinModule('node:util')

/** A style that text can be painted in. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

let isSwitchedOff = false

/** Ends painting for the rest of the process: what `--no-color` asks for. */
export const switchColorOff = (): void => {
  isSwitchedOff = true
}

/**
 * The text in a style, or unchanged if the stream takes no colour. `--no-color` decides first, then NO_COLOR
 * (no-color.org); then Node looks at FORCE_COLOR, TERM and whether the stream is a terminal.
 */
export const paint = (stream: NodeJS.WritableStream, style: Style, text: string): string =>
  // Node lets FORCE_COLOR win over NO_COLOR, and warns of the two on stderr: it is not asked then.
  isSwitchedOff || (env['NO_COLOR'] ?? '') !== '' ? text : styleText(style, text, { stream })
