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
} else void import('./process.ts')
