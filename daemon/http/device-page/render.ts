import { shownUserCode } from '../../domain/device.ts'
import type { Role } from '../../domain/account.ts'
import type { WaitingDevice } from '../../usecases/oauth/devices.ts'
import { html, type Markup } from './html.ts'
import { STYLE_ELEMENT } from './style.ts'

/** Who can let a device in: everybody but end users, whose first code would make an account. */
export const APPROVERS = {
  'super-admin': 'Super-admin',
  admin: 'Admin',
  client: 'Client',
  'sub-client': 'Sub-client',
} as const satisfies Partial<Record<Role, string>>

/** Whose sign-in the page takes. */
export type Approver = keyof typeof APPROVERS

/** What stands in the form of the page; never a secret that was typed. */
export interface ReviewForm {
  readonly userCode: string
  readonly by: 'password' | 'phone'
  readonly role: Approver
  readonly username: string
  readonly number: string
  /** A code is on its way to that number. */
  readonly isSent: boolean
}

/** Where the page stands: its address, and the server that people know. */
export interface Frame {
  readonly action: string
  readonly server: string
}

const page = ({ server }: Frame, title: string, body: Markup): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>${body}</main>
        <footer>${server}</footer>
      </body>
    </html> `.text

const alertOf = (error: string | undefined): Markup | undefined =>
  error === undefined ? undefined : html`<p class="note bad" role="alert">${error}</p>`

/** The page that asks for a user code. */
export const renderEnter = (
  frame: Frame,
  { userCode = '', error }: { userCode?: string; error?: string },
): string =>
  page(
    frame,
    'Sign in a device',
    html`<h1>Sign in a device</h1>
      <p class="soft">Type the code that the device shows.</p>
      ${alertOf(error)}
      <form method="post" action="${frame.action}">
        <label for="user_code">Code</label>
        <input
          class="code"
          id="user_code"
          name="user_code"
          value="${userCode}"
          placeholder="XXXX-XXXX"
          required
          maxlength="20"
          autocomplete="off"
          autocapitalize="characters"
          autocorrect="off"
          spellcheck="false"
          autofocus
        />
        <button class="main" name="step" value="find">Continue</button>
      </form>`,
  )

const minutesAgo = (ms: number): string => {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'just now'
  return minutes === 1 ? 'a minute ago' : `${minutes} minutes ago`
}

const facts = ({ device, name }: WaitingDevice, now: number): Markup =>
  html`<dl>
    <dt>Program</dt>
    <dd>${name}</dd>
    <dt>Asked from</dt>
    <dd>${device.ip ?? 'an unknown address'}</dd>
    <dt>It says it is</dt>
    <dd>${device.userAgent ?? 'not said'}</dd>
    <dt>Asked</dt>
    <dd>${minutesAgo(now - device.createdAt)}</dd>
  </dl>`

const roleField = (form: ReviewForm): Markup =>
  html`<label for="role">Sign in as</label>
    <select id="role" name="role">
      ${Object.entries(APPROVERS)
        .filter(([role]) => form.by === 'password' || role !== 'super-admin')
        .map(([role, name]) =>
          role === form.role
            ? html`<option value="${role}" selected>${name}</option>`
            : html`<option value="${role}">${name}</option>`,
        )}
    </select>`

const passwordFields = (form: ReviewForm): Markup =>
  html`<label for="username">Username</label>
    <input
      id="username"
      name="username"
      value="${form.username}"
      required
      maxlength="64"
      autocomplete="username"
      autocapitalize="none"
      spellcheck="false"
    />
    <label for="password">Password</label>
    <input
      id="password"
      name="password"
      type="password"
      required
      maxlength="4096"
      autocomplete="current-password"
    />
    <button class="main" name="step" value="approve">Sign in and let it in</button>`

const phoneFields = (form: ReviewForm): Markup =>
  html`<label for="number">Phone number</label>
    <input
      id="number"
      name="number"
      type="tel"
      value="${form.number}"
      placeholder="+919876543210"
      required
      maxlength="80"
      autocomplete="tel"
    />
    ${
      form.isSent
        ? html`<label for="otp">Code from the SMS</label>
            <input
              id="otp"
              name="otp"
              required
              inputmode="numeric"
              pattern="[0-9]{6,10}"
              maxlength="10"
              autocomplete="one-time-code"
            />
            <button class="main" name="step" value="approve">Sign in and let it in</button>
            <button name="step" value="send" formnovalidate>Send another code</button>`
        : html`<button class="main" name="step" value="send">Send me a code</button>`
    }`

/** The page that shows who asks, and lets somebody sign in to decide. */
export const renderReview = (
  frame: Frame,
  { waiting, form, now, error }: { waiting: WaitingDevice; form: ReviewForm; now: number; error?: string },
): string =>
  page(
    frame,
    'Let this device in?',
    html`<h1>Let this device in?</h1>
      ${alertOf(error)}
      <p class="soft">It would be signed in as you. Check that it shows this code:</p>
      <div class="code">${shownUserCode(form.userCode)}</div>
      ${facts(waiting, now)}
      <p class="note">Did somebody else send you this code, or a link to this page? Then deny.</p>
      <form method="post" action="${frame.action}">
        <input type="hidden" name="user_code" value="${form.userCode}" />
        <input type="hidden" name="by" value="${form.by}" />
        ${form.isSent ? html`<input type="hidden" name="sent" value="yes" />` : undefined} ${roleField(form)}
        ${form.by === 'password' ? passwordFields(form) : phoneFields(form)}
        <button name="step" value="deny" formnovalidate>Deny</button>
        ${
          form.by === 'password'
            ? html`<button class="link" name="step" value="phone" formnovalidate>
                Use a phone number instead
              </button>`
            : html`<button class="link" name="step" value="password" formnovalidate>
                Use a password instead
              </button>`
        }
      </form>`,
  )

/** The last page. */
export const renderDone = (frame: Frame, decision: 'approve' | 'deny'): string =>
  decision === 'approve'
    ? page(
        frame,
        'The device is let in',
        html`<h1>The device is let in</h1>
          <p>It will be signed in within seconds. You can close this page.</p>`,
      )
    : page(
        frame,
        'The device is not let in',
        html`<h1>The device is not let in</h1>
          <p>
            Nothing was signed in. If you have not begun this yourself, somebody may have tried to sign in as
            you; there is nothing more to do.
          </p>`,
      )
