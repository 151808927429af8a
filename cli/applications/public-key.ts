import type { PublicJwk } from '@authctl/sdk'
import { createPublicKey } from 'node:crypto'
import { string } from '@oclif/core/flags'
import { readInput } from '../input/prompt.ts'
import { shellWord } from '../output/shell-word.ts'
import { usageProblem } from '../problem.ts'

/** The flag that names files of public keys. */
export const publicKeyFlag = (summary: string) =>
  string({ multiple: true, multipleNonGreedy: true, helpValue: 'FILE', summary })

const PRIVATE_MEMBERS = ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth']

/** Said here, so that the key does not leave the machine. */
const refusePrivate = (file: string): never => {
  throw usageProblem(
    `${file} holds a private key`,
    `Its public half is enough: openssl pkey -in ${shellWord(file)} -pubout`,
  )
}

const refuse = (file: string): never => {
  throw usageProblem(
    `${file} is no public key`,
    'It is PEM (BEGIN PUBLIC KEY), a JWK, or a JWK set: P-256, Ed25519, or RSA of at least 2048 bits.',
  )
}

const fromPem = (text: string, file: string): PublicJwk => {
  if (/PRIVATE KEY-----/.test(text)) return refusePrivate(file)
  try {
    const { kty = '', crv, x, y, n, e } = createPublicKey(text).export({ format: 'jwk' })
    return { kty, crv, x, y, n, e }
  } catch {
    return refuse(file)
  }
}

const isJwk = (value: unknown): value is PublicJwk =>
  typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'

const fromJson = (text: string, file: string): PublicJwk[] => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse(file)
  }
  const isSet = typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys)
  const keys: readonly unknown[] = isSet ? (value as { keys: unknown[] }).keys : [value]
  return keys.map((key) => {
    if (!isJwk(key)) return refuse(file)
    return PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name)) ? refusePrivate(file) : key
  })
}

/**
 * The public keys in files of PEM, a JWK or a JWK set; `-` is standard input. Throws a usage `Problem` for
 * what is none, and for a private key before it is sent anywhere.
 */
export const readPublicKeys = async (files: readonly string[]): Promise<PublicJwk[]> => {
  const keys: PublicJwk[] = []
  for (const file of files) {
    const text = (await readInput(file)).trim()
    keys.push(...(text.startsWith('{') ? fromJson(text, file) : [fromPem(text, file)]))
  }
  return keys
}
