import { auth } from './lib/auth.ts'

/** Nobody who is not signed in comes near the handlers. */
export const proxy = auth.proxy

export const config = { matcher: '/api/:path*' }
