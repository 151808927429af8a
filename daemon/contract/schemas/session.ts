import { Type } from 'typebox'
import { closed, nullable, Timestamp } from '../schema.ts'

const Session = closed(
  {
    id: Type.String(),
    client_id: Type.String({ examples: ['shop'] }),
    ip: nullable<string>({ type: 'string' }),
    user_agent: nullable<string>({ type: 'string' }),
    created_at: Timestamp,
    last_used_at: Timestamp,
    expires_at: { ...Timestamp, description: 'Absolute expiry; refreshing never extends it' },
    current: Type.Boolean({ description: 'The session of this request' }),
  },
  { title: 'Session' },
)

/** The live sessions of an account. */
export const SessionList = closed({ items: Type.Array(Session) }, { title: 'SessionList' })

/** How many sessions have ended. */
export const SessionsRevoked = closed(
  { detail: Type.String(), revoked: Type.Integer() },
  { title: 'SessionsRevoked' },
)
