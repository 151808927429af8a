import { readFileSync, writeFileSync } from 'node:fs'
import { ROOT } from './sources.ts'

/**
 * Adds the platform packages that `npm install` left out of the lockfile: it drops an optional dependency
 * that the registry at hand does not serve, and `npm ci` then refuses the lockfile on every machine. An added
 * entry has the exact version that its parent asks for and the platform that its name says, so that npm
 * passes over it elsewhere; it has no integrity, since the package was never seen.
 */
interface Entry {
  version?: string
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const CPUS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64']
const SYSTEMS = ['android', 'darwin', 'freebsd', 'openbsd', 'linux', 'openharmony', 'win32']

const platformOf = (name: string): Pick<Entry, 'os' | 'cpu' | 'libc'> => {
  const words = name.split(/[/-]/)
  const os = SYSTEMS.filter((system) => words.includes(system))
  const cpu = CPUS.filter((one) => words.includes(one))
  if (os.length !== 1 || cpu.length !== 1)
    throw new Error(`the platform of ${name} cannot be told from its name`)
  if (os[0] !== 'linux') return { os, cpu }
  return { os, cpu, libc: [words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'] }
}

const file = `${ROOT}package-lock.json`
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }
const has = (name: string): boolean =>
  Object.keys(lock.packages).some((path) => path.endsWith(`node_modules/${name}`))

let added = 0
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (has(name)) continue
    if (!/^\d/.test(version)) throw new Error(`${name} is asked for as ${version}, not as one version`)
    const dev = parent.dev === true ? { dev: true } : {}
    lock.packages[`node_modules/${name}`] = { version, ...dev, optional: true, ...platformOf(name) }
    added += 1
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(sorted) }, null, 2)}\n`)
console.error(`${added} entries added`)
