import { web } from './web.ts'

/**
 * The code of an SMS that ends in the line `@host #code` for this page, if the browser hands it over and the
 * person agrees (WebOTP). Undefined where it cannot, where the person does not, or when the signal ends the
 * wait: then the person types it.
 */
export const receiveCode = async (signal: AbortSignal): Promise<string | undefined> => {
  if (!('OTPCredential' in globalThis) || signal.aborted) return undefined
  try {
    const credential = await web().navigator?.credentials?.get?.({ otp: { transport: ['sms'] }, signal })
    return credential?.code
  } catch {
    return undefined
  }
}
