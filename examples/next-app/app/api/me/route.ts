import { auth } from '../../../lib/auth.ts'

/** Everybody who is signed in sees who they are. */
export const GET = auth((request) => Response.json(request.auth))
