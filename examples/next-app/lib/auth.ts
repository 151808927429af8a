import { createClient } from '@authctl/sdk'
import { authctl } from '@authctl/sdk/next'

const { AUTHCTL_URL = 'http://127.0.0.1:8000', AUTHCTL_ISSUER = AUTHCTL_URL } = process.env

const client = createClient({ baseUrl: AUTHCTL_URL })
let signedIn: Promise<unknown> | undefined

/** Signs the shop in before the first question, and not when a build loads this file. */
const signIn = (): Promise<unknown> => {
  const { SHOP_USERNAME: username = '', SHOP_PASSWORD: password = '' } = process.env
  signedIn ??= client.admins.login({ username, password }).catch((error: unknown) => {
    signedIn = undefined
    throw error
  })
  return signedIn
}

const { access } = client

/** Guards the route handlers of the shop. */
export const auth = authctl({
  issuer: AUTHCTL_ISSUER,
  jwksUrl: `${AUTHCTL_URL}/.well-known/jwks.json`,
  client: {
    access: {
      ...access,
      check: async (...question) => {
        await signIn()
        return access.check(...question)
      },
    },
  },
})
