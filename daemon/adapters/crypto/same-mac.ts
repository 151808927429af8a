import { timingSafeEqual } from 'node:crypto'

/** Whether two MACs of equal length are the same, in constant time (E6). */
export const sameMac = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
