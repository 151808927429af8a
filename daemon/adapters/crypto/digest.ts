import { createHash } from 'node:crypto'

/** A new SHA-256. */
export const sha256 = (): { update: (text: string) => void; hex: () => string } => {
  const hash = createHash('sha256')
  return { update: (text) => void hash.update(text), hex: () => hash.digest('hex') }
}
