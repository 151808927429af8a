import { STATUS_CODES } from 'node:http'

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const

const paint = (style: keyof typeof CODES, text: string): string =>
  process.stdout.isTTY && process.env['NO_COLOR'] === undefined
    ? `\u001B[${CODES[style]}m${text}\u001B[0m`
    : text

const SECRETS = /^(password|.*_password|.*token|otp|.*_key)$/
const LINE = 100
const SHOWN_ITEMS = 2

/** A secret as its two ends: enough to recognise it, too little to use it. */
const shorten = (secret: string): string =>
  secret.length < 12 ? `${secret.slice(0, 1)}…` : `${secret.slice(0, 3)}…${secret.slice(-3)}`

const publicView = (value: unknown, name = ''): unknown => {
  if (typeof value === 'string') return SECRETS.test(name) && name !== 'next_cursor' ? shorten(value) : value
  if (Array.isArray(value)) {
    const shown = value.slice(0, SHOWN_ITEMS).map((item) => publicView(item))
    return value.length > SHOWN_ITEMS ? [...shown, `… ${value.length - SHOWN_ITEMS} more`] : shown
  }
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, item]) => item !== null)
  return Object.fromEntries(fields.map(([key, item]) => [key, publicView(item, key)]))
}

const layOut = (value: unknown, indent: string): string => {
  const line = JSON.stringify(value)
  if (line.length + indent.length <= LINE || typeof value !== 'object' || value === null) return line
  const inner = `${indent}  `
  const items = Array.isArray(value)
    ? value.map((item) => layOut(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${layOut(item, inner)}`)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  return `${open}\n${items.map((item) => `${inner}${item}`).join(',\n')}\n${indent}${close}`
}

/** A JSON value for people: secrets shortened, nulls left out, long lists cut, in one line if it fits. */
const show = (value: unknown): string => layOut(publicView(value), '     ')

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Begins a chapter of the story. */
export const printChapter = (title: string): void => say(`\n${paint('bold', title)}`)

/** One remark. */
export const printNote = (text: string): void => say(`   ${paint('dim', text)}`)

/** One request as it is sent. */
export const printRequest = (
  method: string,
  path: string,
  body: unknown,
  bearer: string | undefined,
): void => {
  const as = bearer === undefined ? '' : paint('dim', `  bearer ${shorten(bearer)}`)
  say(`   ${paint('cyan', `→ ${method} ${path}`)}${as}`)
  if (body !== undefined) say(`     ${paint('dim', show(body))}`)
}

/** Its answer. */
export const printAnswer = (status: number, body: unknown, milliseconds: number): void => {
  const style = status < 300 ? 'green' : 'yellow'
  say(
    `   ${paint(style, `← ${status} ${STATUS_CODES[status] ?? ''}`)} ${paint('dim', `${milliseconds.toFixed(0)} ms`)}`,
  )
  say(`     ${show(body)}`)
}

/** The end of the story, good or bad. */
export const printEnd = (isGood: boolean, text: string): void =>
  say(`\n${paint(isGood ? 'green' : 'red', text)}`)
