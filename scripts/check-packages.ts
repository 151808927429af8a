import { run, withPacked } from './packed.ts'
import { ROOT } from './sources.ts'

/**
 * Checks the tarballs as published: fields and files of both (publint), and the SDK's types under every way
 * to resolve them that knows `exports` (attw): the server's and Express's doors are there only.
 */
await withPacked(({ authctl, sdk }) => {
  for (const tarball of [authctl, sdk]) process.stdout.write(run(ROOT, 'publint', '--strict', tarball))
  process.stdout.write(run(ROOT, 'attw', '--no-emoji', '--no-color', '--profile', 'node16', sdk))
})
