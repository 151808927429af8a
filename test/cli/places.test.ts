import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type ScriptedServer, sendJson, startScriptedServer } from '../support/scripted-server.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

let sandbox: Sandbox
let server: ScriptedServer
beforeEach(async () => {
  sandbox = createSandbox()
  server = await startScriptedServer()
})
afterEach(async () => {
  await server.stop()
  sandbox.remove()
})

const importOf = async (collection: object, ...flags: string[]): Promise<Outcome> => {
  writeFileSync(join(sandbox.directory, 'a.geojson'), JSON.stringify(collection))
  return await sandbox.run({
    argv: ['places', 'import', 'a.geojson', '--server', server.url, ...flags],
    env: { AUTHCTL_TOKEN: 'x.y.z' },
  })
}
const collectionOf = (count: number): object => ({
  type: 'FeatureCollection',
  name: 'layer',
  crs: { type: 'name', properties: { name: 'EPSG:4326' } },
  features: Array.from({ length: count }, (_, id) => ({
    type: 'Feature',
    id,
    geometry: null,
    properties: {},
  })),
})

test('CLI-C12: what was skipped is added up over all calls, with the first of each reason in the file', async () => {
  const skips = [
    [{ reason: 'geometry', count: 2, first_index: 7 }],
    [
      { reason: 'geometry', count: 1, first_index: 0 },
      { reason: 'id', count: 1, first_index: 5 },
    ],
  ]
  server.react = (_request, response) => {
    const skip_reasons = skips[server.seen.length - 1] ?? []
    const skipped = skip_reasons.reduce((sum, { count }) => sum + count, 0)
    sendJson(response, 200, { detail: 'd', created: 10, updated: 1, unchanged: 0, skipped, skip_reasons })
  }
  const { code, stdout, stderr } = await importOf(collectionOf(1500))
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'created\t20\nupdated\t2\nunchanged\t0\nskipped\t4\n' })
  expect(stderr).toBe(
    `On ${server.url} as the holder of AUTHCTL_TOKEN.\n` +
      'Skipped 3: not one point (the first is /features/7).\nSkipped 1: no id, or one with other characters than letters, digits, . _ ~ - (/features/1005).\n',
  )
  expect(server.seen).toHaveLength(2)
  for (const { body } of server.seen)
    expect(JSON.parse(body)).toMatchObject({ crs: { properties: { name: 'EPSG:4326' } } })

  server.seen.length = 0
  const json = await importOf(collectionOf(1500), '--json')
  expect(JSON.parse(json.stdout)).toEqual({
    created: 20,
    updated: 2,
    unchanged: 0,
    skipped: 4,
    skip_reasons: [
      { reason: 'geometry', count: 3, first_index: 7 },
      { reason: 'id', count: 1, first_index: 1005 },
    ],
  })
})

test('coordinates are taken as they are copied: spaces, a plus, many digits', async () => {
  server.react = (_request, response) => sendJson(response, 200, { items: [], next_cursor: null })
  for (const near of ['77.5, +12.9', '77.594600000000013,12.971600000000001', '7.75e1,1.29e1']) {
    const { code, stderr } = await sandbox.run({
      argv: ['places', 'list', '--near', near, '--server', server.url],
      env: { AUTHCTL_TOKEN: 'x.y.z' },
    })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(new URL(server.seen.at(-1)?.url ?? '', server.url).searchParams.get('near')).toBe(near)
  }
})
