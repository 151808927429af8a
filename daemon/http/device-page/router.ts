import { Router, type Request, type Response } from 'express'
import { ERRORS } from '../../contract/errors.ts'
import { canonicalUserCode } from '../../domain/device.ts'
import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { createDevices } from '../../usecases/oauth/devices.ts'
import type { LetIn } from '../../usecases/oauth/let-in.ts'
import type { createOtps } from '../../usecases/otp/send.ts'
import { exchangeOf, originOf, setRoute } from '../exchange.ts'
import { readBody } from '../read-body.ts'
import {
  APPROVERS,
  renderDone,
  renderEnter,
  renderReview,
  type Approver,
  type Frame,
  type ReviewForm,
} from './render.ts'
import { PAGE_POLICY } from './style.ts'

/** What the page is made of. */
export interface DevicePageOptions {
  readonly devices: ReturnType<typeof createDevices>
  readonly otps: ReturnType<typeof createOtps>
  readonly letIn: LetIn
  readonly publicUrl: () => string
  readonly now: () => number
}

type Fields = Readonly<Record<string, unknown>>

const textOf = (fields: Fields, name: string): string => {
  const value = fields[name]
  return typeof value === 'string' ? value : ''
}

const isApprover = (role: string): role is Approver => Object.hasOwn(APPROVERS, role)

const formOf = (fields: Fields): ReviewForm => {
  const step = textOf(fields, 'step')
  const by =
    step === 'phone' || (textOf(fields, 'by') === 'phone' && step !== 'password') ? 'phone' : 'password'
  const role = textOf(fields, 'role')
  const known = isApprover(role) ? role : 'super-admin'
  return {
    userCode: canonicalUserCode(textOf(fields, 'user_code')) ?? '',
    by,
    role: by === 'phone' && known === 'super-admin' ? 'admin' : known,
    username: textOf(fields, 'username'),
    number: textOf(fields, 'number'),
    isSent: textOf(fields, 'sent') === 'yes' && by === 'phone',
  }
}

const UNKNOWN_CODE = 'No device waits under this code. Look at the device again: its code may have expired.'
const WAIT = 'Too many attempts. Wait a while, then try again.'

/** What people read where something was refused; what is no refusal is thrown on. */
const wordsOf = (error: unknown): string => {
  if (!(error instanceof Failure)) throw error
  if (error.code === 'not_found') return UNKNOWN_CODE
  if (error.code === 'rate_limited' || error.code === 'overloaded') {
    const seconds = error.retryAfterSeconds
    return seconds === undefined ? WAIT : `Too many attempts. Try again in ${seconds} seconds.`
  }
  if (error.code === 'invalid_credentials')
    return 'That is not right. Check what you have typed, and try again.'
  if (error.code === 'forbidden')
    return 'Your account may not let devices in. Ask an admin for the right to authctl:DecideDevice.'
  if (ERRORS[error.code].status >= 500) throw error
  return error.detail ?? ERRORS[error.code].meaning
}

/**
 * Whether a form was sent by this page: browsers say so themselves (Fetch Metadata), older ones by `Origin`.
 * Every decision also carries the code, and an approval the secrets of who approves: there is no cookie that
 * a page elsewhere could use.
 */
const isOwnForm = ({ headers }: Request, publicUrl: string): boolean => {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  return headers.origin === undefined || headers.origin === new URL(publicUrl).origin
}

/** The page `/device`, on which somebody lets a device in (RFC 8628 section 3.3); it needs no script. */
export const deviceRouter = ({ devices, otps, letIn, publicUrl, now }: DevicePageOptions): Router => {
  const frameOf = (request: Request): Frame => ({
    action: request.path.endsWith('/') ? '../device' : 'device',
    server: new URL(publicUrl()).host,
  })

  const show = (response: Response, status: number, text: string): void => {
    response.setHeader('Content-Security-Policy', PAGE_POLICY)
    response.setHeader('Cache-Control', 'no-store')
    // With `no-referrer`, browsers hide the origin of the page's own form.
    response.setHeader('Referrer-Policy', 'same-origin')
    response.status(status).type('html').send(text)
  }

  const review = async (request: Request, fields: Fields, origin: RequestOrigin): Promise<string> => {
    const form = formOf(fields)
    const frame = frameOf(request)
    const waiting = await devices.find(form.userCode, origin)
    try {
      switch (textOf(fields, 'step')) {
        case 'deny':
          await devices.decide({ waiting, decision: 'deny', caller: undefined, origin })
          return renderDone(frame, 'deny')
        case 'approve':
          await letIn({ waiting, credentials: credentialsOf(form, fields), origin })
          return renderDone(frame, 'approve')
        case 'send':
          await otps.send({ number: form.number, applicationId: waiting.device.applicationId, origin })
          return renderReview(frame, { waiting, form: { ...form, isSent: true }, now: now() })
        default:
          return renderReview(frame, { waiting, form, now: now() })
      }
    } catch (error) {
      return renderReview(frame, { waiting, form, now: now(), error: wordsOf(error) })
    }
  }

  const credentialsOf = (form: ReviewForm, fields: Fields) =>
    form.by === 'phone'
      ? { role: form.role, number: form.number, otp: textOf(fields, 'otp') }
      : { role: form.role, username: form.username, password: textOf(fields, 'password') }

  /** The page for what was typed, or the first one with what is wrong. */
  const answer = async (request: Request, response: Response, fields: Fields): Promise<void> => {
    const origin = originOf(exchangeOf(response))
    const userCode = textOf(fields, 'user_code')
    if (userCode === '') return show(response, 200, renderEnter(frameOf(request), {}))
    try {
      show(response, 200, await review(request, fields, origin))
    } catch (error) {
      const text = renderEnter(frameOf(request), { userCode: userCode.slice(0, 20), error: wordsOf(error) })
      show(response, 200, text)
    }
  }

  const get = (request: Request, response: Response): Promise<void> =>
    answer(request, response, { user_code: request.query['user_code'] })

  const post = async (request: Request, response: Response): Promise<void> => {
    if (!isOwnForm(request, publicUrl())) throw new Failure('forbidden', { reason: 'foreign_form' })
    const { value } = await readBody(request, { form: 'form' })
    await answer(request, response, value)
  }

  const router = Router()
  router.use('/device', (_request, response, next) => {
    setRoute(response, '/device')
    next()
  })
  router.get('/device', (request, response) => get(request, response))
  router.post('/device', (request, response) => post(request, response))
  return router
}
