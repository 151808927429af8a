import { isAuthctlError } from '@authctl/sdk'
import { createSession } from '@authctl/sdk/session'
import { element, fill, fillSessions, readable, say, show } from './view.ts'

const daemon = document.querySelector<HTMLMetaElement>('meta[name=authctl]')?.content ?? ''
const session = createSession({ baseUrl: daemon, clientId: 'namma-rides' })

const phoneForm = element('#phone form', HTMLFormElement)
const codeForm = element('#code form', HTMLFormElement)
const number = element('#number', HTMLInputElement)
const otp = element('#otp', HTMLInputElement)
const resend = element('#resend', HTMLButtonElement)

const TEXTS: Readonly<Record<string, string>> = {
  network: 'No connection. Try again.',
  timeout: 'That took too long. Try again.',
  invalid_phone: 'That is no phone number. Abroad, begin with + and the code of the country.',
  invalid_credentials: 'That code is not right, or no longer valid.',
}

/** Does what a button asks for, once at a time, and says what went wrong. */
const act = async (button: HTMLButtonElement | null, work: () => Promise<unknown>): Promise<void> => {
  say('')
  if (button !== null) button.disabled = true
  try {
    await work()
  } catch (error) {
    if (!isAuthctlError(error)) throw error
    say(TEXTS[error.code] ?? error.message, 'error')
  } finally {
    if (button !== null) button.disabled = false
  }
}

let countdown: ReturnType<typeof setInterval> | undefined

/** Another code may be asked for when the time is over. */
const holdResend = (seconds: number): void => {
  clearInterval(countdown)
  let left = seconds
  const tick = (): void => {
    resend.disabled = left > 0
    resend.textContent = left > 0 ? `Again in ${left} s` : 'Send again'
    if (left-- <= 0) clearInterval(countdown)
  }
  tick()
  countdown = setInterval(tick, 1000)
}

let typed = new AbortController()

const signIn = (): Promise<void> =>
  act(codeForm.querySelector('.primary'), async () => {
    typed.abort()
    await session.signIn({ number: number.value, otp: otp.value.replace(/\D/g, '') })
    codeForm.reset()
  })

/** The code of the SMS, if the browser hands it over, saves the typing. */
const awaitSms = async (): Promise<void> => {
  typed.abort()
  typed = new AbortController()
  const code = await session.receiveCode({ signal: typed.signal })
  if (code === undefined || typed.signal.aborted) return
  otp.value = code
  await signIn()
}

const sendCode = async (): Promise<void> => {
  void awaitSms()
  const { resend_after: seconds } = await session.sendCode(number.value)
  fill('#sent-to', number.value)
  show('code')
  otp.focus()
  holdResend(seconds)
}

const loadAccount = async (): Promise<void> => {
  const [account, { items }] = await Promise.all([session.client.auth.me(), session.client.sessions.list()])
  const phone = account.phone === null ? 'none' : readable(account.phone)
  fill('#name', account.name ?? 'Welcome')
  fill('#avatar', account.name?.slice(0, 1).toUpperCase() ?? phone.slice(-2))
  fill(
    '#since',
    `With us since ${new Date(account.created_at).toLocaleDateString(undefined, { dateStyle: 'medium' })}`,
  )
  fill('#account-phone', phone)
  fill('#account-id', account.id)
  fillSessions(items)
  show('account')
}

const reload = element('#reload', HTMLButtonElement)
let loads = 0
const load = (): Promise<void> =>
  act(reload, loadAccount).finally(() => {
    document.body.dataset['loads'] = String(++loads)
  })

phoneForm.addEventListener('submit', (event) => {
  event.preventDefault()
  void act(phoneForm.querySelector('.primary'), sendCode)
})
codeForm.addEventListener('submit', (event) => {
  event.preventDefault()
  void signIn()
})
element('#again', HTMLButtonElement).addEventListener('click', () => {
  typed.abort()
  say('')
  show('phone')
  number.focus()
})
resend.addEventListener('click', () => void act(null, sendCode))
reload.addEventListener('click', () => void load())
const signOut = element('#sign-out', HTMLButtonElement)
signOut.addEventListener('click', () => void act(signOut, () => session.signOut()))

session.onAuthStateChange(({ event, isSignedIn }) => {
  document.body.dataset['event'] = event
  if (event === 'token_refreshed') return
  if (isSignedIn) return void load()
  show('phone')
  if (event === 'signed_out') say('You are signed out.')
})
