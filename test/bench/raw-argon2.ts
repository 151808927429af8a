import { availableParallelism } from 'node:os'
import { ARGON2ID } from '../../daemon/adapters/crypto/password-hasher.ts'

/**
 * The raw rate of the password hash: the daemon's library and parameters, one verification per core at a
 * time, nothing else.
 */
const PASSWORD = 'correct horse battery staple'

const loadVerify = async (): Promise<() => Promise<boolean>> => {
  try {
    const native = await import('@node-rs/argon2')
    const hash = await native.hash(PASSWORD, { ...ARGON2ID, outputLen: 32 })
    return () => native.verify(hash, PASSWORD)
  } catch {
    const { default: portable } = await import('argon2')
    const hash = await portable.hash(PASSWORD, { ...ARGON2ID, hashLength: 32, type: 2 })
    return () => portable.verify(hash, PASSWORD)
  }
}

const measure = async (
  verify: () => Promise<boolean>,
  seconds: number,
): Promise<{ rate: number; requests: number }> => {
  const start = performance.now()
  let done = 0
  const work = async (): Promise<void> => {
    while (performance.now() - start < seconds * 1000) if (await verify()) done++
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return { rate: done / ((performance.now() - start) / 1000), requests: done }
}

const verify = await loadVerify()
process.on('message', ({ seconds }: { seconds: number }) => {
  void measure(verify, seconds).then((outcome) => process.send?.(outcome))
})
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: true })
