import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { bootstrap, signedIn } from '../support/accounts.ts'
import { askToken, createApplication, tokenOf } from '../support/applications.ts'
import { startFleet } from '../support/fleet.ts'

const PASSWORD = 'canary password of the admin'
const NUMBER = '+919812345678'

test('J3: at debug level no password, number, code, key or token is in logs, metrics, recorded decisions or the process list', async () => {
  const settings = {
    AUTHCTL_LOG_LEVEL: 'debug',
    AUTHCTL_METRICS: 'true',
    AUTHCTL_RECORD_DECISIONS: '100',
    AUTHCTL_SECRET: 'canary-root-secret-0123456789abcdef',
    REFRESH_KEY_SECRET: 'canary-refresh-secret-0123456789abc',
  }
  const fleet = await startFleet(1, settings)
  const [api, daemon] = [fleet.apis[0], fleet.daemons[0]]
  if (api === undefined || daemon === undefined) throw new Error('no daemon')
  const canaries: string[] = [
    PASSWORD,
    NUMBER,
    NUMBER.slice(3),
    settings.AUTHCTL_SECRET,
    settings.REFRESH_KEY_SECRET,
  ]

  const root = await bootstrap(api, fleet.dataDir)
  const admin = signedIn(
    await api.post(
      '/auth/admin/create',
      { name: 'A', username: 'asha', password: PASSWORD, number: NUMBER },
      root.access,
    ),
  )
  await api.post('/auth/admin/login', { username: 'asha', password: `${PASSWORD} but wrong` })
  await api.post('/auth/admin/login', { username: 'asha', password: PASSWORD, [PASSWORD]: PASSWORD })
  await api.call('POST', '/auth/admin/login', { raw: `{"username":"asha","password":"${PASSWORD}"` })
  await api.call('POST', `/auth/otp/sendotp/${NUMBER}`)
  const code = await fleet.codeFor(NUMBER)
  await api.call('POST', `/auth/user/login/${NUMBER}/${code === '000000' ? '111111' : '000000'}`)
  const user = signedIn(await api.call('POST', `/auth/user/login/${NUMBER}/${code}`))
  await api.call('POST', '/user/access/setrefreshkey/canary-refresh-key', { token: user.access })
  await api.call('POST', '/user/access/regeneratetoken/canary-refresh-key', { token: user.access })
  await api.call('POST', '/user/access/regeneratetoken/canary-wrong-key', { token: user.access })
  await api.post('/auth/token/refresh', {}, user.refresh)
  await api.post('/auth/token/refresh', {}, `${user.refresh}x`)
  await api.get('/auth/me', `${user.access}x`)
  const application = await createApplication(api, admin.access)
  const applicationToken = await tokenOf(api, application)
  const wrongKey = `${application.key.slice(0, -4)}wxyz`
  expect((await askToken(api, { id: application.id, key: wrongKey })).status).toBe(401)
  await api.post(`/applications/${application.key}/rotate`, {}, applicationToken)
  await api.get(`/applications?cursor=${application.key}`, applicationToken)
  await api.get(`/accounts?cursor=${encodeURIComponent(user.access)}`, admin.access)
  await api.call('GET', `/nowhere/${code}/${encodeURIComponent(PASSWORD)}?token=${user.access}`)
  const changed = { current_password: PASSWORD, new_password: 'canary password, the second one' }
  expect((await api.post('/auth/password/change', changed, admin.access)).status).toBe(200)
  canaries.push(
    changed.new_password,
    'canary-refresh-key',
    'canary-wrong-key',
    'canary password',
    'authctl_rt_',
    'authctl_sk_',
    application.key.slice('authctl_sk_'.length, -4),
    Buffer.from(`${application.id}:${application.key}`).toString('base64'),
    applicationToken,
    applicationToken.split('.')[2] ?? '',
    `"${code}"`,
    `/${code}`,
  )
  for (const account of [root, admin, user])
    canaries.push(account.access, account.refresh, account.access.split('.')[2] ?? '')

  const metrics = (await api.get('/metrics')).text
  const processes = readFileSync(`/proc/${daemon.pid}/cmdline`, 'latin1')
  await sleep(100)
  const logs = daemon.output()
  expect(logs).toContain('"level":20')
  expect(logs.split('\n').filter((line) => line.includes('"msg":"request"')).length).toBeGreaterThan(15)
  for (const [place, text] of Object.entries({ logs, metrics, processes })) {
    expect(
      canaries.filter((canary) => text.includes(canary)),
      place,
    ).toEqual([])
  }
  const recording = join(fleet.dataDir, 'decisions.jsonl')
  await expect.poll(() => readFileSync(recording, 'utf8')).toContain('"action":"authctl:ChangePassword"')
  const recorded = readFileSync(recording, 'utf8')
  expect(canaries.filter((canary) => recorded.includes(canary))).toEqual([])
  await fleet.stop()
  expect(canaries.filter((canary) => daemon.output().includes(canary))).toEqual([])
})
