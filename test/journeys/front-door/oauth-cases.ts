import { at, type Case, ORIGIN } from './cases.ts'

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' }

/** Requests that are refused before, and while, an endpoint of OAuth reads them. */
export const OAUTH_CASES: readonly Case[] = [
  '/oauth/token',
  '/oauth/introspect',
  '/oauth/revoke',
  '/oauth/device_authorization',
].flatMap((target) => [
  at('POST', `${target}?%ED%A0%80=1`),
  at('POST', `${target}?a=%`),
  at('POST', `http://id.example${target}?%FF`),
  at('POST', `${target}?a=1#top`),
  ...['Authorization', 'Content-Type', 'Host'].map((name) =>
    at('POST', target, { headers: { [name]: ['a', 'a'] } }, 'repeated'),
  ),
  at('POST', target, { headers: { Expect: 'wonders' } }),
  at('POST', target, { headers: { ...FORM, 'Content-Encoding': 'gzip' }, body: 'a=1' }),
  ...['a=\xff', 'a=%FF', 'token=1&token=1', '{}', `a=${'a'.repeat(16 * 1024)}`].map((body) =>
    at('POST', target, { headers: FORM, body }, `body ${body.slice(0, 20)}`),
  ),
  ...['GET', 'HEAD', 'OPTIONS', 'DELETE'].map((method) => at(method, target)),
  at('OPTIONS', `${target}?%FF`, { headers: { Origin: ORIGIN } }),
])
