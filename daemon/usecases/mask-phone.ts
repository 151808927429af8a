import type { Phone } from '../domain/account.ts'

/** A phone number as it may appear in logs: its last two digits. */
export const maskPhone = (phone: Phone): string => `…${phone.slice(-2)}`
