import { env } from 'node:process'

const CODES = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const

/** A style that text can be painted in. */
export type Style = keyof typeof CODES

let isSwitchedOff = false

/** `--no-color`: nothing is painted from here on. */
export const switchColorOff = (): void => {
  isSwitchedOff = true
}

/** Whether a stream takes colour: --no-color, then NO_COLOR (no-color.org), then FORCE_COLOR, then TERM=dumb, then whether it is a terminal. */
export const takesColor = (stream: { readonly isTTY?: boolean }): boolean => {
  if (isSwitchedOff || (env['NO_COLOR'] ?? '') !== '') return false
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  return env['TERM'] !== 'dumb' && stream.isTTY === true
}

/** The text in a style, or unchanged if the stream takes no colour. */
export const paint = (stream: { readonly isTTY?: boolean }, style: Style, text: string): string => {
  const [on, off] = CODES[style]
  return takesColor(stream) ? `\u001b[${on}m${text}\u001b[${off}m` : text
}
