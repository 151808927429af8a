import type { SessionList } from '@authctl/sdk'

const SECTIONS = ['waiting', 'phone', 'code', 'account'] as const

/** The element of a selector, which the page has. */
export const element = <T extends HTMLElement>(selector: string, type: new () => T): T => {
  const found = document.querySelector(selector)
  if (!(found instanceof type)) throw new TypeError(`the page has no ${selector}`)
  return found
}

/** Shows one part of the page and hides the others. */
export const show = (name: (typeof SECTIONS)[number]): void => {
  for (const section of SECTIONS) element(`#${section}`, HTMLElement).hidden = section !== name
}

/** Puts a text into an element. */
export const fill = (selector: string, text: string): void => {
  element(selector, HTMLElement).textContent = text
}

/** Tells the person something; nothing takes it back. */
export const say = (text: string, tone: 'plain' | 'error' = 'plain'): void => {
  const message = element('#message', HTMLElement)
  message.textContent = text
  message.classList.toggle('error', tone === 'error')
}

const BROWSERS = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const
const SYSTEMS = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'] as const

/** What a person calls the browser of a user agent. */
const deviceOf = (userAgent: string | null): string => {
  const [, browser = 'A browser'] = BROWSERS.find(([mark]) => userAgent?.includes(mark) === true) ?? []
  const system = SYSTEMS.find((name) => userAgent?.includes(name) === true)
  return system === undefined ? browser : `${browser} on ${system}`
}

/** Lists where the person is signed in, this browser first. */
export const fillSessions = (sessions: SessionList['items']): void => {
  const sorted = sessions.toSorted((one, other) => Number(other.current) - Number(one.current))
  const rows = sorted.map(({ user_agent: userAgent, current, last_used_at: usedAt }) => {
    const [row, note] = [document.createElement('li'), document.createElement('span')]
    note.className = current ? 'badge' : 'muted'
    note.textContent = current ? 'here' : new Date(usedAt).toLocaleDateString()
    row.append(deviceOf(userAgent), note)
    return row
  })
  element('#sessions', HTMLElement).replaceChildren(...rows)
}

/** A number of E.164 as one reads it out: `+91 98765 43210`. */
export const readable = (phone: string): string => phone.replace(/^(\+\d+)(\d{5})(\d{5})$/, '$1 $2 $3')
