const assert = (actual, expected, what) => {
  if (actual !== expected) throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`)
}

/** What an application does with the package, by its doors; throws where it is not as promised. */
module.exports = async (doors) => {
  const names = Object.keys(doors)
  if (names.length < 10) throw new Error(`only ${names.join(', ')} were loaded`)
  for (const name of names) if (Object.keys(doors[name]).length === 0) throw new Error(`${name} is empty`)
  const { '.': sdk, './server': server, './next': next, './testing': testing } = doors

  const { issuer, keys, fetch, mint } = await testing.createTokenMinter()
  const token = await mint({ accountId: 'usr_1' })
  const verifier = server.createVerifier({ issuer, fetch })
  assert((await verifier.verify(token)).accountId, 'usr_1', 'the account of a token')

  const broken = async () => new Response('{"code":"internal"}', { status: 500 })
  const client = sdk.createClient({ baseUrl: issuer, accessToken: token, retries: 0, fetch: broken })
  const { error } = await sdk.safe(client.auth.me())
  assert(error instanceof sdk.ApiError, true, 'the class of an error')
  assert(error.code, 'internal', 'the code of an error')

  const statusOf = async (deciders, headers) => {
    const guard = next.authctl({ issuer, keys, ...deciders }).require('orders:Refund', 'order/42')
    const answer = await guard(() => new Response('through'))(new Request('http://shop.test/', { headers }))
    return answer.status
  }
  const bearer = { authorization: `Bearer ${token}` }
  const deciding = (allowed) => ({ decider: { check: () => ({ allowed }) } })
  assert(await statusOf(deciding(true), bearer), 200, 'allowed')
  assert(await statusOf(deciding(false), bearer), 403, 'denied')
  assert(await statusOf(deciding(true), {}), 401, 'without a token')
  // The client came through another door than the guard, which may be another copy of the package.
  assert(await statusOf({ client }, bearer), 503, 'a daemon with a fault')
  return 'ok'
}
