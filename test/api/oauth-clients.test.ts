import { exportJWK, generateKeyPair, type GenerateKeyPairResult } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { freePort } from '../../scripts/free-port.ts'
import { createFamily, type Family } from '../support/accounts.ts'
import { createApplication, type MadeApplication } from '../support/applications.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

/*
 * I8: clients that nobody here wrote do what they are for, with nothing switched off but the requirement of
 * TLS, which a loopback has none of.
 */

let daemon: TestDaemon
let family: Family
const pairs = {} as Record<'EdDSA' | 'ES256', GenerateKeyPairResult>
let application: MadeApplication
const warnings: string[] = []
const note = (warning: Error): void => void warnings.push(warning.message)

beforeAll(async () => {
  // The issuer of the tokens has the port in it, so that port must be known before.
  daemon = await startTestDaemon({ PORT: String(await freePort()), AUTHCTL_RATE_LIMITS: 'off' })
  family = await createFamily(daemon)
  for (const alg of ['EdDSA', 'ES256'] as const) pairs[alg] = await generateKeyPair(alg)
  const jwks = {
    keys: [
      { ...(await exportJWK(pairs.EdDSA.publicKey)), kid: 'signer' },
      await exportJWK(pairs.ES256.publicKey),
    ],
  }
  application = await createApplication(daemon.api, family.client.access, { jwks })
  process.on('warning', note)
})
afterAll(async () => {
  vi.restoreAllMocks()
  process.off('warning', note)
  await daemon?.stop()
})

const approve = async (user_code: string): Promise<void> => {
  const body = { user_code, decision: 'approve' }
  expect((await daemon.api.post('/auth/devices/decision', body, family.root.access)).status).toBe(200)
}

test('I8: oauth4webapi discovers, and is given, renews, introspects and revokes tokens', async () => {
  const printed = vi.spyOn(console, 'warn')
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuer = new URL(daemon.url)
  const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' })
  const server = await oauth.processDiscoveryResponse(issuer, discovered)
  const client = { client_id: application.id }
  for (const authenticate of [
    oauth.ClientSecretBasic(application.key),
    oauth.ClientSecretPost(application.key),
    oauth.PrivateKeyJwt({ key: pairs.EdDSA.privateKey, kid: 'signer' }),
  ]) {
    const answer = await oauth.clientCredentialsGrantRequest(server, client, authenticate, {}, insecure)
    const token = await oauth.processClientCredentialsResponse(server, client, answer)
    const asked = await oauth.introspectionRequest(server, client, authenticate, token.access_token, insecure)
    const facts = await oauth.processIntrospectionResponse(server, client, asked)
    expect(facts).toMatchObject({ active: true, client_id: application.id, iss: daemon.url })
    const validated = await oauth.validateJwtAccessToken(
      server,
      new Request(daemon.url, { headers: { authorization: `Bearer ${token.access_token}` } }),
      String(facts['aud']),
      insecure,
    )
    expect(validated.sub).toBe(application.id)
    const revoked = await oauth.revocationRequest(server, client, authenticate, token.access_token, insecure)
    await oauth.processRevocationResponse(revoked)
    const after = await oauth.introspectionRequest(server, client, authenticate, token.access_token, insecure)
    expect(await oauth.processIntrospectionResponse(server, client, after)).toEqual({ active: false })
  }

  const cli = { client_id: 'authctl-cli' }
  const none = oauth.None()
  const begun = await oauth.deviceAuthorizationRequest(server, cli, none, {}, insecure)
  const device = await oauth.processDeviceAuthorizationResponse(server, cli, begun)
  const ask = () => oauth.deviceCodeGrantRequest(server, cli, none, device.device_code, insecure)
  const early = await oauth
    .processDeviceCodeResponse(server, cli, await ask())
    .catch((error: unknown) => error)
  expect(early).toMatchObject({ error: 'authorization_pending', status: 400 })
  await approve(device.user_code)
  const signedIn = await oauth.processDeviceCodeResponse(server, cli, await ask())
  const renewing = await oauth.refreshTokenGrantRequest(
    server,
    cli,
    none,
    signedIn.refresh_token ?? '',
    insecure,
  )
  const renewed = await oauth.processRefreshTokenResponse(server, cli, renewing)
  const ended = await oauth.revocationRequest(server, cli, none, renewed.refresh_token ?? '', insecure)
  await oauth.processRevocationResponse(ended)
  expect((await daemon.api.get('/auth/me', renewed.access_token)).status).toBe(401)
  const again = await oauth.refreshTokenGrantRequest(server, cli, none, renewed.refresh_token ?? '', insecure)
  const refused = await oauth.processRefreshTokenResponse(server, cli, again).catch((error: unknown) => error)
  expect(refused).toMatchObject({ error: 'invalid_grant' })
  expect([...warnings, ...printed.mock.calls]).toEqual([])
})

test('I8: openid-client does the same', { timeout: 30_000 }, async () => {
  const printed = vi.spyOn(console, 'warn')
  const discover = (id: string, authentication: openid.ClientAuth) =>
    openid.discovery(new URL(daemon.url), id, undefined, authentication, {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    })
  for (const authentication of [
    openid.ClientSecretBasic(application.key),
    openid.PrivateKeyJwt(pairs.ES256.privateKey),
  ]) {
    const shop = await discover(application.id, authentication)
    const token = await openid.clientCredentialsGrant(shop)
    expect(await openid.tokenIntrospection(shop, token.access_token)).toMatchObject({ active: true })
    await openid.tokenRevocation(shop, token.access_token)
    expect(await openid.tokenIntrospection(shop, token.access_token)).toEqual({ active: false })
  }

  const cli = await discover('authctl-cli', openid.None())
  const device = await openid.initiateDeviceAuthorization(cli, {})
  await approve(device.user_code)
  const signedIn = await openid.pollDeviceAuthorizationGrant(cli, device)
  const renewed = await openid.refreshTokenGrant(cli, signedIn.refresh_token ?? '')
  expect((await daemon.api.get('/auth/me', renewed.access_token)).status).toBe(200)
  expect([...warnings, ...printed.mock.calls]).toEqual([])
})
