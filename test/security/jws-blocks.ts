import { flip, inputOf, type JwsCase, refused, withSignature } from './jws-corpus.ts'
import {
  type Algorithm,
  asBytes,
  asNumber,
  blockOf,
  digest,
  RSA_BYTES,
  RSA_MODULUS,
  signature,
  signBlock,
  verifyingKey,
} from './jws-keys.ts'

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** ECDSA signatures at the edges of their range, too long, and in the other encoding. */
export const curves = (): JwsCase[] => {
  const input = inputOf('ES256')
  const good = signature('ES256', input)
  const [r, s] = [asNumber(good.subarray(0, 32)), asNumber(good.subarray(32))]
  const pair = (first: bigint, second: bigint, length = 32): string =>
    withSignature(input, Buffer.concat([asBytes(first, length), asBytes(second, length)]))
  const edges = { 0: 0n, 1: 1n, 'n-1': ORDER - 1n, n: ORDER, 'n+1': ORDER + 1n, max: (1n << 256n) - 1n }
  const crossed = Object.entries(edges).flatMap(([left, first]) =>
    Object.entries(edges).map(([right, second]) => [`r ${left}, s ${right}`, pair(first, second)] as const),
  )
  const integer = (value: bigint): Buffer => {
    const bytes = asBytes(value, 33)
    return Buffer.concat([Buffer.from([2, bytes.length]), bytes])
  }
  const der = Buffer.concat([Buffer.from([0x30, 70]), integer(r), integer(s)])
  return refused('ES256', {
    ...Object.fromEntries(crossed),
    'r and s in 33 bytes': pair(r, s, 33),
    'r plus the order': pair(r + ORDER, s, 33),
    's plus the order': pair(r, s + ORDER, 33),
    'zeros after it': withSignature(input, Buffer.concat([good, Buffer.alloc(2)])),
    'zeros before it': withSignature(input, Buffer.concat([Buffer.alloc(2), good])),
    'one byte short': withSignature(input, good.subarray(0, 63)),
    'half of it': withSignature(input, good.subarray(0, 32)),
    'as DER': withSignature(input, der),
    'very long': withSignature(input, Buffer.concat([good, Buffer.alloc(4000)])),
  })
}

/** RSA signatures at the edges of their range. */
export const integers = (alg: Algorithm): JwsCase[] => {
  const input = inputOf(alg)
  const good = signature(alg, input)
  const number = (value: bigint, length = RSA_BYTES): string => withSignature(input, asBytes(value, length))
  return refused(alg, {
    '0': number(0n),
    '1': number(1n),
    'n-1': number(RSA_MODULUS - 1n),
    n: number(RSA_MODULUS),
    'not reduced': number(asNumber(good) + RSA_MODULUS, RSA_BYTES + 1),
    'zeros before it': withSignature(input, Buffer.concat([Buffer.alloc(2), good])),
    'zeros after it': withSignature(input, Buffer.concat([good, Buffer.alloc(2)])),
    'one byte short': withSignature(input, good.subarray(0, -1)),
  })
}

const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')
/**
 * Where the four lengths of the structure stand: of the sequence, of the algorithm, of its name and of the
 * digest.
 */
const LENGTHS_AT = [1, 3, 5, 18]

const padded = (info: Buffer, filler = 0xff): Buffer =>
  Buffer.concat([
    Buffer.from([0, 1]),
    Buffer.alloc(RSA_BYTES - 3 - info.length, filler),
    Buffer.from([0]),
    info,
  ])

const without = (bytes: Buffer, index: number): Buffer =>
  Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + 1)])
const inserting = (bytes: Buffer, index: number, added: number[]): Buffer =>
  Buffer.concat([bytes.subarray(0, index), Buffer.from(added), bytes.subarray(index)])

/** Signatures by the right key over a PKCS #1 block that is not the one that RFC 8017 writes. */
export const paddings = (): JwsCase[] => {
  const input = inputOf('RS256')
  const info = Buffer.concat([SHA256_INFO, digest('RS256', input)])
  const blocks: [string, Buffer][] = [...info.keys()].flatMap((index) => [
    [`byte ${index} changed`, padded(flip(info, index))],
    [`byte ${index} left out`, padded(without(info, index))],
    [`a zero before byte ${index}`, padded(inserting(info, index, [0]))],
  ])
  for (const at of LENGTHS_AT) {
    const long = (added: number[]): Buffer => padded(inserting(info, at, added))
    blocks.push([`the length at ${at} in its long form`, long([0x81])])
    blocks.push([`the length at ${at} with a leading zero`, long([0x82, 0])])
    blocks.push([`the length at ${at} beyond 32 bits`, long([0x85, 1, 0, 0, 0])])
    const indefinite = Buffer.from(info)
    indefinite[at] = 0x80
    blocks.push([`the length at ${at} indefinite`, padded(Buffer.concat([indefinite, Buffer.alloc(2)]))])
  }
  const whole = padded(info)
  const short = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(8, 0xff), Buffer.from([0]), info])
  blocks.push([
    'garbage after a short padding',
    Buffer.concat([short, Buffer.alloc(RSA_BYTES - short.length, 7)]),
  ])
  blocks.push(['no padding', Buffer.concat([Buffer.alloc(RSA_BYTES - info.length), info])])
  blocks.push(['block type 2', Buffer.concat([Buffer.from([0, 2]), whole.subarray(2)])])
  blocks.push(['block type 0', Buffer.concat([Buffer.from([0, 0]), whole.subarray(2)])])
  blocks.push(['a padding of other bytes', padded(info, 0xfe)])
  blocks.push(['the digest alone', padded(digest('RS256', input))])
  blocks.push(['garbage after the structure', padded(Buffer.concat([info, Buffer.from([5, 0])]))])
  return [
    {
      what: 'the block of RFC 8017',
      jws: withSignature(input, signBlock(whole)),
      key: verifyingKey('RS256'),
      isValid: true,
    },
    ...blocks.flatMap(([what, block]) =>
      refused('RS256', { [what]: withSignature(input, signBlock(block)) }),
    ),
  ]
}

/** Signatures by the right key over a PSS block that is changed, or has a salt of another length. */
export const salts = (alg: Algorithm): JwsCase[] => {
  const input = inputOf(alg)
  const block = blockOf(signature(alg, input))
  const changed = [...block.keys()].slice(1).map((index) => [`byte ${index}`, flip(block, index)] as const)
  const lengths = [0, 1, 20, 31, 33, 63, 65].map(
    (length) => [`a salt of ${length} bytes`, signature(alg, input, length)] as const,
  )
  return [
    {
      what: 'the block as it was',
      jws: withSignature(input, signBlock(block)),
      key: verifyingKey(alg),
      isValid: true,
    },
    ...changed.flatMap(([what, bytes]) => refused(alg, { [what]: withSignature(input, signBlock(bytes)) })),
    ...lengths.flatMap(([what, bytes]) => refused(alg, { [what]: withSignature(input, bytes) })),
  ]
}
