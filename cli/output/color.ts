import { getBuiltinModule } from 'node:process'
import { WriteStream } from 'node:tty'
import { surroundings } from '../surroundings.ts'

// An import would read every export, and one of them looks at the colours of the terminal: with NO_COLOR and
// FORCE_COLOR both set, Node would warn of that before this command line could settle it.
const { styleText } = getBuiltinModule('node:util')

/** A style that text can be painted in. */
export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow'

/** The colours of a terminal that has only one. */
const MONOCHROME_BITS = 1

/** What `styleText` would find out for the environment of the process. */
const takesColor = (stream: { readonly isTTY?: boolean }): boolean => {
  const { env } = surroundings()
  // Node lets FORCE_COLOR win over NO_COLOR, and warns of the two on stderr: it is not asked then.
  if ((env['NO_COLOR'] ?? '') !== '') return false
  if (env['FORCE_COLOR'] === undefined && stream.isTTY !== true) return false
  return WriteStream.prototype.getColorDepth(env) > MONOCHROME_BITS
}

/**
 * The text in a style, or unchanged if the stream takes no colour. NO_COLOR decides first (no-color.org;
 * `--no-color` sets it); then Node looks at FORCE_COLOR, at TERM and at whether the stream is a terminal.
 */
export const paint = (stream: { readonly isTTY?: boolean }, style: Style, text: string): string =>
  takesColor(stream) ? styleText(style, text, { validateStream: false }) : text
