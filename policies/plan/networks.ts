import { parseNetwork, type Network } from '../engine/values.ts'

const BITS = { 4: 32, 6: 128 } as const

const addressText = (family: Network['family'], address: bigint): string =>
  family === 4
    ? [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.')
    : Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(
        ':',
      )

/** The first and the last address of a network, and those just outside of it; nothing for what is none. */
export const neighbours = (text: string): string[] => {
  const network = parseNetwork(text)
  if (network === undefined) return []
  const { family, address, prefix } = network
  const size = 1n << BigInt(BITS[family] - prefix)
  const top = 1n << BigInt(BITS[family])
  return [address, address + size - 1n, address + size, address - 1n]
    .filter((each) => each >= 0n && each < top)
    .map((each) => addressText(family, each))
}
