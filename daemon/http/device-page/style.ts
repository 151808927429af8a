import { hash } from 'node:crypto'
import { Markup } from './html.ts'

/** The style of the page, in both colour schemes and from a phone's width on. */
const STYLE = `
:root { color-scheme: light dark; --text: #1a2233; --soft: #5a6478; --page: #f2f4f8; --card: #fff; --line: #ccd3df;
  --main: #1f4fd8; --on-main: #fff; --bad: #a4161a; --bad-page: #fdeeee; --warn-page: #fff6e0; --warn: #6b4a00 }
@media (prefers-color-scheme: dark) { :root { --text: #e8ebf2; --soft: #a3adc0; --page: #12161f; --card: #1b212d;
  --line: #394356; --main: #86a8ff; --on-main: #0d1430; --bad: #ff9d9d; --bad-page: #3a1c20; --warn-page: #33290f;
  --warn: #f4d58a } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center;
  padding: 24px 16px; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 440px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 28px }
footer { margin-top: 16px; color: var(--soft); font-size: 14px; overflow-wrap: anywhere; text-align: center }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 8px }
p { margin: 0 0 16px }
.soft { color: var(--soft) }
.code { font: 600 30px/1.2 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; letter-spacing: .1em; text-align: center;
  padding: 14px 8px; margin: 16px 0; border: 1px dashed var(--line); border-radius: 10px; width: 100% }
input.code { color: inherit; background: transparent; border-style: solid; text-transform: uppercase }
input.code::placeholder { color: var(--soft); opacity: .45 }
dl { display: grid; grid-template-columns: auto 1fr; gap: 4px 14px; margin: 0 0 16px }
dt { color: var(--soft) }
dd { margin: 0; overflow-wrap: anywhere }
label { display: block; margin: 12px 0 0; font-weight: 600; font-size: 15px }
input, select, button { font: inherit; width: 100%; min-height: 46px; border-radius: 10px; padding: 9px 12px }
input:not(.code), select { margin-top: 4px; border: 1px solid var(--line); background: transparent; color: inherit; font-weight: 400 }
select option { color: CanvasText; background: Canvas }
button { cursor: pointer; border: 1px solid var(--line); background: transparent; color: inherit; font-weight: 600; margin-top: 12px }
button.main { background: var(--main); border-color: var(--main); color: var(--on-main); margin-top: 20px }
button.link { border: 0; min-height: 36px; padding: 4px; color: var(--main); font-weight: 500; text-decoration: underline }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px }
.note { padding: 11px 14px; border-radius: 10px; margin: 0 0 16px; background: var(--warn-page); color: var(--warn); font-size: 15px }
.note.bad { background: var(--bad-page); color: var(--bad) }
@media (max-width: 420px) { main { padding: 20px 16px } .code { font-size: 25px } dl { grid-template-columns: 1fr; gap: 0 }
  dd { margin-bottom: 8px } }
`

/** The element; its text is that of the digest, character by character. */
export const STYLE_ELEMENT = new Markup(`<style>${STYLE}</style>`)

/**
 * The policy of the page: no script at all, this one style by its digest, and forms to this daemon only.
 * Nothing can frame it, so that nobody is made to press its buttons.
 */
export const PAGE_POLICY = Object.entries({
  'default-src': "'none'",
  'style-src': `'sha256-${hash('sha256', STYLE, 'base64')}'`,
  'img-src': 'data:',
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
})
  .map(([directive, sources]) => `${directive} ${sources}`)
  .join('; ')
