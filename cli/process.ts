import { argv, env, stderr, stdout } from 'node:process'
import { EXIT } from './exit-codes.ts'
import { reportError } from './errors/report.ts'
import { provideHome } from './home.ts'

for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that has had enough (`authctl … | head`) is no failure of ours (CLI-C20).
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
    // Not under --json either: what would carry the error is what is broken.
    if (stream === stdout) process.exit(reportError(Object.assign(error, { path: 'standard output' }), []))
    process.exit(EXIT.failure.code)
  })

// With both set, Node would warn on stderr; NO_COLOR wins anyway.
if ((env['NO_COLOR'] ?? '') !== '') delete env['FORCE_COLOR']
provideHome(env)

const args = argv.slice(2)
try {
  // What runs for months holds no parser of command lines in memory.
  if (args.length === 1 && args[0] === 'start') await (await import('./host/daemon.ts')).runDaemon({})
  else await (await import('./main.ts')).main(args)
} catch (error) {
  process.exitCode = reportError(error, args)
}
