import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './sources.ts'

/*
 * What the daemon is made of: writes an SBOM of what production has to `dist/sbom.cdx.json`, and asks the
 * registry for known holes. A registry that does not answer is told.
 */

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const npm = (...args: string[]) => spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 26 })

interface Component {
  readonly name: string
  readonly version: string
}

interface Entry {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly devOptional?: boolean
  readonly peer?: boolean
}

const nameOf = ({ name, version }: Component): string => `${name}@${version}`

/** The packages of a production install, by the lockfile; `isEverywhere` without those of one platform. */
const lockedPackages = ({ isEverywhere }: { isEverywhere: boolean }): string[] => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, Entry>>
  }
  return Object.entries(packages)
    .filter(([path, { dev, optional, devOptional, peer }]) => {
      const isOptional = optional ?? devOptional ?? peer ?? false
      return path.includes('node_modules/') && dev !== true && !(isEverywhere && isOptional)
    })
    .flatMap(([path, { version }]) =>
      version === undefined ? [] : nameOf({ name: path.replace(/^.*node_modules\//, ''), version }),
    )
}

/** Writes the SBOM, and answers what it lists. npm's own `--omit dev` leaves out what both kinds need. */
const writeSbom = (): Set<string> => {
  const { status, stdout, stderr } = npm('sbom', '--sbom-format', 'cyclonedx')
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`)
  const whole = JSON.parse(stdout) as {
    components: Component[]
    dependencies: { ref: string; dependsOn: string[] }[]
  }
  const locked = new Set(lockedPackages({ isEverywhere: false }))
  const components = whole.components.filter((component) => locked.has(nameOf(component)))
  const dependencies = whole.dependencies
    .filter(({ ref }) => locked.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((other) => locked.has(other)) }))
  const text = JSON.stringify({ ...whole, components, dependencies }, undefined, 2)
  writeFileSync(join(ROOT, 'dist', 'sbom.cdx.json'), `${text}\n`)
  return new Set(components.map(nameOf))
}

const audit = (): void => {
  const { status, stdout, stderr } = npm('audit', '--omit', 'dev', '--audit-level', 'high', '--json')
  const report = JSON.parse(stdout === '' ? '{}' : stdout) as { metadata?: unknown; message?: string }
  if (report.metadata === undefined) {
    say(`skipped: npm audit: the registry does not answer (${report.message ?? stderr.trim()})`)
    return
  }
  if (status !== 0) throw new Error(`npm audit found holes of severity high or critical:\n${stdout}`)
  say('npm audit: nothing of severity high or critical')
}

const listed = writeSbom()
const missing = lockedPackages({ isEverywhere: true }).filter((locked) => !listed.has(locked))
if (missing.length > 0) throw new Error(`the SBOM lacks ${missing.join(', ')}`)
say(`dist/sbom.cdx.json lists ${listed.size} packages`)
audit()
