import { toNodeHandler } from 'better-auth/node'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { bearer, phoneNumber } from 'better-auth/plugins'
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { freePort } from '../../scripts/free-port.ts'

/**
 * better-auth on SQLite with the durability that the daemon promises, without limits, logs and telemetry.
 * Codes go to an outbox like the daemon's. The data directory is the first argument. Sends its URL to the
 * parent.
 */
const [dataDir = '.'] = process.argv.slice(2)
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const database = new DatabaseSync(join(dataDir, 'peer.db'))
database.exec('PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL')
const send = ({ phoneNumber: number, code }: { phoneNumber: string; code: string }): void =>
  appendFileSync(join(dataDir, 'outbox.jsonl'), `${JSON.stringify({ number, code })}\n`)

const options = {
  database,
  secret: 'a secret of the bench, and of nothing else',
  baseURL: url,
  emailAndPassword: { enabled: true },
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { disabled: true },
  plugins: [
    bearer(),
    phoneNumber({
      sendOTP: send,
      signUpOnVerification: {
        getTempEmail: (number) => `${number.slice(1)}@peer.test`,
        getTempName: (number) => number,
      },
    }),
  ],
}

const { runMigrations } = await getMigrations(options)
await runMigrations()
const handle = toNodeHandler(betterAuth(options))
createServer((request, response) => void handle(request, response)).listen(port, '127.0.0.1', () =>
  process.send?.({ url }),
)
process.on('disconnect', () => process.exit(0))
