import { createHmac } from 'node:crypto'
import type { JWK } from 'jose'
import { type Algorithm, EC_PUBLIC_DER, RSA_PUBLIC_PEM, signature, verifyingKey } from './jws-keys.ts'

/** One JWS, the key of its verifier, and what a verifier must say. */
export interface JwsCase {
  readonly what: string
  readonly jws: string
  readonly key: JWK
  readonly isValid: boolean
}

export const ALGORITHMS: readonly Algorithm[] = [
  'HS256',
  'ES256',
  'EdDSA',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
]
const PAYLOAD = JSON.stringify({ iss: 'joe', exp: 1_300_819_380 })
const base64 = (value: string | Uint8Array): string => Buffer.from(value).toString('base64url')
export const inputOf = (alg: string, payload: string | Uint8Array = PAYLOAD): string =>
  `${base64(JSON.stringify({ alg }))}.${base64(payload)}`
export const withSignature = (input: string, bytes: Uint8Array): string => `${input}.${base64(bytes)}`
const signed = (alg: Algorithm, input: string): string => withSignature(input, signature(alg, input))

export const flip = (bytes: Buffer, index: number): Buffer => {
  const changed = Buffer.from(bytes)
  changed[index] = (changed[index] ?? 0) ^ 1
  return changed
}

export const refused = (alg: Algorithm, cases: Readonly<Record<string, string>>): JwsCase[] =>
  Object.entries(cases).map(([what, jws]) => ({ what, jws, key: verifyingKey(alg), isValid: false }))
const accepted = (alg: Algorithm, cases: Readonly<Record<string, string>>): JwsCase[] =>
  refused(alg, cases).map((one) => ({ ...one, isValid: true }))

/** Parts that are changed, left out, or too many. */
export const shapes = (alg: Algorithm): JwsCase[] => {
  const input = inputOf(alg)
  const [header = '', payload = ''] = input.split('.')
  const bytes = signature(alg, input)
  const mac = base64(bytes)
  return [
    ...accepted(alg, { 'as signed': `${input}.${mac}` }),
    ...refused(alg, {
      'a changed signature': withSignature(input, flip(bytes, 0)),
      'a changed last bit of the signature': withSignature(input, flip(bytes, bytes.length - 1)),
      'no signature': `${input}.`,
      'no signature and no separator': input,
      'a changed payload': `${header}.${base64(PAYLOAD.replace('joe', 'jon'))}.${mac}`,
      'no payload': `${header}..${mac}`,
      'no payload and no separator': `${header}.${mac}`,
      'a changed header': `${base64(JSON.stringify({ alg, typ: 'JWT' }))}.${payload}.${mac}`,
      'no header': `.${payload}.${mac}`,
      'no header and no separator': `${payload}.${mac}`,
      'neither header nor signature': `.${payload}.`,
      'only the payload': payload,
      'an empty string': '',
      'an empty part more': `${input}.${mac}.`,
      'a part more': `${input}.${mac}.${mac}`,
      'the JSON serialisation': JSON.stringify({ protected: header, payload, signature: mac }),
      'an empty payload, which is no JWT': signed(alg, inputOf(alg, '')),
    }),
  ]
}

export const payloads = (alg: Algorithm): JwsCase[] =>
  accepted(alg, {
    'zero bytes': signed(alg, inputOf(alg, Buffer.alloc(20))),
    'one byte': signed(alg, inputOf(alg, Buffer.from([0x61]))),
    'white space in the JSON of the header': signed(
      alg,
      `${base64(`{ "alg" :\n"${alg}" }`)}.${base64(PAYLOAD)}`,
    ),
  })

/** The header names another algorithm than the key's: none, that of another key, or that of the same key. */
export const algorithms = (alg: Algorithm): JwsCase[] => {
  const none = ['none', 'None', 'NONE', 'nOnE', '']
  const others = ALGORITHMS.filter((other) => other !== alg)
  const own = signature(alg, inputOf(alg))
  return [
    ...none.flatMap((name) =>
      refused(alg, {
        [`"${name}" without a signature`]: `${inputOf(name)}.`,
        [`"${name}" with a signature`]: withSignature(inputOf(name), own),
      }),
    ),
    ...others.flatMap((other) =>
      refused(alg, {
        [`signed by ${other} and says so`]: signed(other, inputOf(other)),
        [`signed by ${other} and says ${alg}`]: withSignature(inputOf(alg), signature(other, inputOf(alg))),
      }),
    ),
  ]
}

const macUnder = (input: string, key: string | Buffer): string =>
  withSignature(input, createHmac('sha256', key).update(input).digest())

/** The public key as the secret of a MAC, and a key that the token brings along. */
export const confusions = (): JwsCase[] => {
  const jwk = verifyingKey('ES256')
  const embedded = `${base64(JSON.stringify({ alg: 'HS256', jwk: { kty: 'oct', k: base64('attacker') } }))}.${base64(PAYLOAD)}`
  return [
    ...refused('RS256', {
      'HS256 with the PEM of the key': macUnder(inputOf('HS256'), RSA_PUBLIC_PEM),
      'RS256 by name, a MAC with the PEM': macUnder(inputOf('RS256'), RSA_PUBLIC_PEM),
    }),
    ...refused('ES256', {
      'HS256 with the DER of the key': macUnder(inputOf('HS256'), EC_PUBLIC_DER),
      'HS256 with the x of the key': macUnder(inputOf('HS256'), Buffer.from(jwk.x ?? '', 'base64url')),
    }),
    ...refused('HS256', { 'a key in the header': macUnder(embedded, 'attacker') }),
  ]
}

/** Keys that are not for signatures. */
export const uses = (): JwsCase[] => {
  const jws = signed('RS256', inputOf('RS256'))
  const { alg: _alg, ...bare } = verifyingKey('RS256')
  return [
    { what: 'a key of use "enc" without an algorithm', key: { ...bare, use: 'enc' } },
    { what: 'a key of operation "encrypt" without an algorithm', key: { ...bare, key_ops: ['encrypt'] } },
    { what: 'a key of an encryption algorithm', key: { ...bare, alg: 'RSA-OAEP-256', use: 'enc' } },
    { what: 'a key of operation "encrypt"', key: { ...bare, alg: 'RS256', key_ops: ['encrypt'] } },
  ].map((one) => ({ ...one, jws, isValid: false }))
}

/** Spellings of base64url that lax decoders take for the same bytes. */
export const spellings = (alg: Algorithm): JwsCase[] => {
  const parts = signed(alg, inputOf(alg)).split('.')
  const insert = (part: number, text: string): string =>
    parts.map((one, index) => (index === part ? one.slice(0, 5) + text + one.slice(5) : one)).join('.')
  const endWith = (part: number, text: string): string =>
    parts.map((one, index) => (index === part ? one + text : one)).join('.')
  const texts = [' ', '\n', '\t', '\r\n', '\0', '!', '+', '/', '=', ',', '\u00a0', 'é', '%20']
  const unused = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const nextLetter = (one: string): string =>
    one.slice(0, -1) + unused.charAt((unused.indexOf(one.at(-1) ?? '') + 1) % unused.length)
  const loose = parts.flatMap((one, part) =>
    one.length % 4 === 0
      ? []
      : [parts.map((text, index) => (index === part ? nextLetter(text) : text)).join('.')],
  )
  const spelled: [string, string][] = [0, 1, 2].flatMap((part): [string, string][] => [
    ...texts.map((text): [string, string] => [`${JSON.stringify(text)} in part ${part}`, insert(part, text)]),
    ...['=', '==', ' ', '\n'].map((text): [string, string] => [
      `${JSON.stringify(text)} after part ${part}`,
      endWith(part, text),
    ]),
  ])
  return refused(alg, {
    ...Object.fromEntries(spelled),
    ...Object.fromEntries(loose.map((jws, index) => [`unused bits, ${index}`, jws])),
    'white space before it': ` ${parts.join('.')}`,
  })
}
