import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'

const LOG = pathToFileURL('daemon/adapters/log.ts').href

/** A process that logs; the code finds `log`. */
const logging = (code: string, level = 'info'): ChildProcess =>
  spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { createLog } from '${LOG}'; const log = createLog('${level}'); ${code}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )

const read = async (child: ChildProcess): Promise<Record<string, unknown>[]> => {
  let text = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(child, 'close')
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('a line has its level, time, fields and message; what is below the level is not written, audit events always are', async () => {
  const lines = await read(
    logging(
      `log.debug({}, 'd'); log.info({ a: 1 }, 'i'); log.warn({ gone: undefined }, 'w'); log.error({ text: '"\\ud800\\n' }, 'e')
      log.always({ audit: true }, 'audit'); log.level = 'debug'; log.debug({}, 'd'); log.level = 'silent'
      log.error({}, 'e'); log.always({}, 'audit')`,
      'warn',
    ),
  )
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(lines).toEqual([
    { level: 40, time, msg: 'w' },
    { level: 50, time, text: '"\ud800\n', msg: 'e' },
    { level: 30, time, audit: true, msg: 'audit' },
    { level: 20, time, msg: 'd' },
  ])
})

test('H8: what a terminal obeys is an escape in the log, which reads as it was sent', async () => {
  const said = 'a\u009B31m\u007F\u0085\u2028\u001B[2J'
  const child = logging(`log.info({ said: ${JSON.stringify(said)} }, 'i')`)
  let text = ''
  child.stdout?.on('data', (chunk: string) => (text += chunk))
  expect(await read(child)).toMatchObject([{ said }])
  expect(text).toMatch(/^[\x20-\x7E]+\n$/)
})

test.each([
  ['ends by itself', ''],
  ['exits', 'process.exit(0)'],
  ['ends by an error that nobody caught', `throw new Error('fatal')`],
  ['ends by a promise that nobody caught', `await Promise.reject(new Error('fatal'))`],
])('a process that %s has said everything, in order', async (_how, end) => {
  const lines = await read(logging(`for (let n = 0; n < 5000; n++) log.info({ n }, 'line'); ${end}`))
  expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: 5000 }, (_, n) => n))
})

test('a reader that is slow gets whole lines, and one that is gone ends nothing', async () => {
  const slow = logging(`for (let n = 0; n < 20000; n++) log.info({ n, text: 'x'.repeat(50) }, 'line')`)
  await sleep(100)
  expect(await read(slow)).toHaveLength(20_000)

  const alone = logging(
    `process.on('SIGTERM', () => process.exit(7)); setInterval(() => log.info({}, 'line'), 5); process.stderr.write('up')`,
  )
  if (alone.stderr === null) throw new Error('no standard error')
  await once(alone.stderr, 'data')
  alone.stdout?.destroy()
  await sleep(100)
  alone.kill('SIGTERM')
  expect(await once(alone, 'exit')).toEqual([7, null])
})

test('a full disk ends nothing: what could not be written goes first when there is room again, in whole lines', async () => {
  const lines = await read(
    logging(
      `const { default: fs } = await import('node:fs')
      const { syncBuiltinESMExports } = await import('node:module')
      const { setImmediate: turn } = await import('node:timers/promises')
      const write = fs.writeSync
      let room = 30
      fs.writeSync = (fd, bytes) => {
        if (room === 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        const written = write(fd, bytes.subarray(0, room))
        room -= written
        return written
      }
      syncBuiltinESMExports()
      for (let n = 0; n < 4; n++) {
        if (n === 3) room = 1000000
        log.info({ n }, 'line')
        await turn()
      }
      room = 5
      log.info({ n: 4 }, 'line')
      await turn()
      room = 1000000`,
    ),
  )
  expect(lines.map(({ n }) => n)).toEqual([0, 1, 2, 3, 4])
})
