import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const WAIT_MS = 180_000

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const tryTake = (file: string): boolean => {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  try {
    const holder = Number(readFileSync(file, 'utf8'))
    if (holder > 0 && !isAlive(holder)) rmSync(file, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return false
}

/**
 * Runs `work` while no other process of this machine holds `file`; a holder that has died is passed over.
 * Gives up after three minutes.
 */
export const withLock = async <T>(file: string, work: () => T): Promise<T> => {
  mkdirSync(dirname(file), { recursive: true })
  const deadline = Date.now() + WAIT_MS
  while (!tryTake(file)) {
    if (Date.now() > deadline) throw new Error(`another build has held ${file} for ${WAIT_MS / 1000} seconds`)
    await sleep(100)
  }
  try {
    return work()
  } finally {
    rmSync(file, { force: true })
  }
}
