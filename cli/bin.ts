#!/usr/bin/env node
// Nothing is imported before the version was looked at, and no syntax is used that an old Node cannot parse.
const OLDEST = { major: 22, minor: 16 }
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isOld = major === OLDEST.major ? minor < OLDEST.minor : major < OLDEST.major
if (isOld) {
  process.stderr.write(
    `authctl needs Node ${OLDEST.major}.${OLDEST.minor} or newer, and ${process.execPath} is ${process.versions.node}: see https://nodejs.org\n`,
  )
  process.exitCode = 1
} else {
  // Before anything uses the pool: password hashes take one thread more than there are cores, and leave
  // others.
  if (process.argv[2] === 'start' && process.env['UV_THREADPOOL_SIZE'] === undefined) {
    const cores = process.getBuiltinModule('node:os').availableParallelism()
    process.env['UV_THREADPOOL_SIZE'] = String(Math.max(4, cores + 3))
  }
  void import('./process.ts')
}
