import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { ROOT } from './sources.ts'

/** The tarballs as they would be published, and an empty folder beside them. */
export interface Packed {
  readonly folder: string
  readonly authctl: string
  readonly sdk: string
}

/** The environment of child processes: the project's own Node and tools come first. */
export const ENV: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
}

/** Runs a command to its end and returns what it printed to stdout; throws on another exit code than 0. */
export const run = (cwd: string, command: string, ...args: string[]): string =>
  execFileSync(command, args, { cwd, env: ENV, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })

const pack = (folder: string, ...args: string[]): string => {
  const [packed] = JSON.parse(
    run(ROOT, 'npm', 'pack', '--json', '--silent', '--pack-destination', folder, ...args),
  ) as [{ filename: string }]
  return join(folder, packed.filename)
}

/** Packs both packages into a temporary folder, does `work`, removes the folder. */
export const withPacked = async (work: (packed: Packed) => Promise<void> | void): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'authctl-packed-'))
  try {
    await work({ folder, authctl: pack(folder), sdk: pack(folder, '--workspace', 'sdk') })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
