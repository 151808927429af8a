import { getCountries } from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import { isCountry } from '../../daemon/config/countries.ts'
import { ConfigError, loadConfig, type ConfigSources } from '../../daemon/config/load.ts'
import { SETTINGS, type SettingName } from '../../daemon/config/settings.ts'

const load = (sources: {
  flags?: ConfigSources['flags']
  env?: ConfigSources['env']
  files?: Record<string, string>
}) =>
  loadConfig({
    flags: sources.flags ?? {},
    env: sources.env ?? {},
    cwd: '/work',
    readFile: (path) => sources.files?.[path],
  })

const problemsOf = (sources: Parameters<typeof load>[0]): readonly string[] => {
  try {
    load(sources)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

const STRONG = 'x'.repeat(40)

describe('configuration', () => {
  test('nothing at all is a whole development configuration', () => {
    const { settings, origins } = load({})
    expect(settings).toMatchObject({
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PORT: 8000,
      AUTHCTL_OTP_TTL: 300,
      AUTHCTL_DOCS: true,
    })
    expect(origins.PORT).toBe('default')
    expect(origins.PUBLIC_URL).toBe('unset')
  })

  test('flags win over the environment, over .env, over the file, over defaults', () => {
    const files = {
      '/work/.env': 'PORT=3\nAUTHCTL_CONFIG=c.json\n',
      '/work/c.json': '{"PORT": 4, "HOST": "::1"}',
    }
    const portOf = (sources: Parameters<typeof load>[0]) => load({ files, ...sources }).settings.PORT
    expect(portOf({ flags: { PORT: '1' }, env: { PORT: '2' } })).toBe(1)
    expect(portOf({ env: { PORT: '2' } })).toBe(2)
    expect(portOf({})).toBe(3)
    const fromFile = load({ files: { ...files, '/work/.env': 'AUTHCTL_CONFIG=c.json' } })
    expect(fromFile.settings).toMatchObject({ PORT: 4, HOST: '::1' })
    expect(fromFile.origins).toMatchObject({ PORT: 'file', NODE_ENV: 'default' })
  })

  test('an empty value is unset', () => {
    expect(load({ env: { PORT: '', PUBLIC_URL: '' } }).settings).toMatchObject({ PORT: 8000 })
  })

  test('every problem is reported at once, each by name', () => {
    const problems = problemsOf({
      env: {
        PORT: '70000',
        AUTHCTL_OTP_TTL: '601',
        AUTHCTL_TYPO: '1',
        AUTHCTL_TRUST_PROXY: 'true',
        JWT_SECRET: 'short',
        MONGO_DB_URI: 'mysql://x',
      },
    })
    const named = [
      'PORT',
      'AUTHCTL_OTP_TTL',
      'AUTHCTL_TYPO',
      'AUTHCTL_TRUST_PROXY',
      'JWT_SECRET',
      'MONGO_DB_URI',
    ]
    for (const name of named) expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1)
    expect(problems).toHaveLength(named.length)
  })

  test.each([
    ['AUTHCTL_SMS_COUNTRIES', 'India'],
    ['AUTHCTL_SMS_COUNTRIES', 'IN,QQ'],
    ['AUTHCTL_SMS_COUNTRIES', ','],
    ['AUTHCTL_SMS_COUNTRIES', 'IN,*'],
    ['AUTHCTL_SMS_NUMBER_TYPES', 'mobile,premium-rate'],
    ['AUTHCTL_SMS_PRICES', 'IN=25'],
    ['AUTHCTL_SMS_PRICES', 'IN=0.25,*=10'],
    ['AUTHCTL_SMS_PRICES', 'India=25,*=10'],
    ['AUTHCTL_SMS_HOURLY', '0'],
    ['AUTHCTL_SMS_CONVERSION_PERCENT', '101'],
  ])('F4, F6: %s=%s is refused by name', (name, value) => {
    const problems = problemsOf({ env: { [name]: value } })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name}`))
  })

  test.each<[name: string, value: string]>([
    ...['10.0.0.0/99', '1.2', '999.1.1.1', '10', '::1/129', '0.0.0.0/0', '::/0', 'loopback'].map(
      (value): [string, string] => ['AUTHCTL_TRUST_PROXY', value],
    ),
    ...[
      'https://:pw@x',
      'https://x?',
      'https://x#',
      'https:x',
      'https:\\\\x',
      'https://x/a b',
      ' https://x',
    ].map((value): [string, string] => ['PUBLIC_URL', value]),
    ...['UK', 'EU', 'ZZ', 'AQ'].flatMap((code): [string, string][] => [
      ['AUTHCTL_SMS_COUNTRIES', code],
      ['AUTHCTL_SMS_PRICES', `${code}=4,*=10`],
      ['AUTHCTL_DEFAULT_REGION', code],
    ]),
    ['AUTHCTL_SMS_PRICES', 'IN=25,IN=30,*=10'],
    ['AUTHCTL_SMS_PRICES', 'IN=25=30,*=10'],
    ['AUTHCTL_SESSION_IDLE', 'super-admin=1,admin=1,client=1,sub-client=1,user=1,user=2'],
    ['AUTHCTL_SMS_WEBHOOK_SECRET', 'whsec_@@@@@@@@@@@@@@@@'],
    ['AUTHCTL_SMS_WEBHOOK_SECRET', 'whsec_abcdefghij'],
    ['FAST2SMS_API_KEY', '\u201Ckey\u201D'],
    ['FAST2SMS_API_KEY', 'a\nb'],
    ['HOST', '[::1]'],
    ['HOST', 'localhost:8000'],
    ['AUTHCTL_CORS_ORIGINS', 'https://*.example.com'],
    ['AUTHCTL_AUDIENCE', 'caf\uFFFD'],
    ['authctl_otp_ttl', '60'],
    ['AUTHCTL_OTP_TTL_FILE', '/run/ttl'],
  ])('OPS-D3: %s=%s could not work, and does not wait until it is needed', (name, value) => {
    const problems = problemsOf({ env: { [name]: value } })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(new RegExp(`^${name}`))
  })

  test.each([
    ['PUBLIC_URL', 'HTTPS://Auth.Example.com:443/a/', 'https://auth.example.com/a'],
    ['AUTHCTL_SMS_WEBHOOK_URL', 'https://x.example/hook/', 'https://x.example/hook/'],
    ['AUTHCTL_SMS_WEBHOOK_SECRET', `whsec_${btoa(STRONG)}`, `whsec_${btoa(STRONG)}`],
    ['AUTHCTL_TRUST_PROXY', '10.0.0.7/8, fd00::/8', ['10.0.0.7/8', 'fd00::/8']],
    ['AUTHCTL_SMS_PRICES', 'IN = 25, * = 10', { IN: 25, '*': 10 }],
    ['AUTHCTL_RECORD_FILE', '/var/decisions.jsonl', '/var/decisions.jsonl'],
  ] as const)('%s=%s is read as %j', (name, value, expected) => {
    const beside = { AUTHCTL_SMS_WEBHOOK_SECRET: STRONG, AUTHCTL_SMS_WEBHOOK_URL: 'https://x.example' }
    expect(load({ env: { ...beside, [name]: value } }).settings[name]).toEqual(expected)
  })

  test.each([
    [{ AUTHCTL_SMS_PRICES: 'IN=101,*=1' }, ['HOURLY']],
    [{ AUTHCTL_SMS_PRICES: 'IN=201,*=1' }, ['HOURLY', 'DAILY']],
    [{ AUTHCTL_SMS_PRICES: 'IN=1,*=101', AUTHCTL_SMS_COUNTRIES: '*' }, ['HOURLY']],
    [{ AUTHCTL_SMS_PRICES: 'IN=1,*=101', AUTHCTL_SMS_COUNTRIES: 'IN,FR' }, ['HOURLY']],
    [{ AUTHCTL_SMS_PRICES: 'IN=1,*=101', AUTHCTL_DEFAULT_REGION: 'FR' }, ['HOURLY']],
    [{ AUTHCTL_SMS_PRICES: 'IN=100,*=101' }, []],
    [{ AUTHCTL_SMS_PRICES: 'IN=101,*=101', AUTHCTL_SMS_COUNTRIES: 'FR', AUTHCTL_RATE_LIMITS: 'off' }, []],
    [{ AUTHCTL_SMS_PRICES: 'IN=101,*=x' }, ['PRICES']],
  ])('F6: a budget that pays for no message is refused with all others: %j', (env, named) => {
    const spend = { AUTHCTL_SMS_SPEND_HOURLY: '100', AUTHCTL_SMS_SPEND_DAILY: '200' }
    const problems = problemsOf({ env: { ...spend, ...env, PORT: 'x' } })
    const told = problems.filter((problem) => !problem.startsWith('PORT'))
    expect(problems).toHaveLength(told.length + 1)
    expect(told.map((problem) => /^AUTHCTL_SMS_(?:SPEND_)?([A-Z]+)/.exec(problem)?.[1])).toEqual(named)
  })

  test('F4: the countries of settings are those of libphonenumber', () => {
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
    const known = letters.flatMap((a) => letters.map((b) => a + b)).filter(isCountry)
    expect(known).toEqual(getCountries().toSorted())
  })

  test('B1: what was no UTF-8 in a file is refused: other secrets would read as the same', () => {
    const files = { '/run/random': Buffer.alloc(48, 0xf5).toString('utf8') }
    expect(problemsOf({ env: { AUTHCTL_SECRET_FILE: '/run/random' }, files })).toEqual([
      expect.stringMatching(/^AUTHCTL_SECRET .*not UTF-8/),
    ])
    const utf16 = Buffer.from('\uFEFFPORT=1\n', 'utf16le').toString('utf8')
    expect(problemsOf({ files: { '/work/.env': utf16 } })).toEqual([expect.stringMatching(/UTF-16/)])
  })

  test('OPS-D3: a .env that is there and cannot be read is one problem of all', () => {
    const readFile = (): never => {
      throw Object.assign(new Error('is a directory'), { code: 'EISDIR' })
    }
    expect(() => loadConfig({ flags: {}, env: { PORT: 'x' }, cwd: '/work', readFile })).toThrow(
      /\.env cannot be read: EISDIR[^]*PORT/,
    )
  })

  test('no problem repeats the value of a secret', () => {
    const secrets = (Object.keys(SETTINGS) as SettingName[]).filter(
      (name) => (SETTINGS[name] as { secret?: boolean }).secret,
    )
    for (const name of secrets) {
      for (const problem of problemsOf({ env: { [name]: 'hunter2' } }))
        expect(problem).not.toContain('hunter2')
    }
  })

  test('unknown keys of a file are refused, of the environment only with our prefix', () => {
    expect(problemsOf({ env: { HOME: '/root', SOMETHING: '1' } })).toEqual([])
    const files = { '/work/c.json': '{"SOMETHING": 1}' }
    expect(problemsOf({ env: { AUTHCTL_CONFIG: 'c.json' }, files })).toEqual([
      'SOMETHING (file) is not a setting of authctl',
    ])
  })

  test('a mistyped name is answered with the setting that is near', () => {
    expect(problemsOf({ env: { AUTHCTL_OTP_TLL: '60', AUTHCTL_SECERT_FILE: '/x' } })).toEqual([
      'AUTHCTL_OTP_TLL (environment) is not a setting of authctl; did you mean AUTHCTL_OTP_TTL?',
      'AUTHCTL_SECERT_FILE (environment) is not a setting of authctl; did you mean AUTHCTL_SECRET?',
    ])
  })

  test.each(['[]', '{', '7', undefined])('a configuration file with %s is refused', (content) => {
    const files = content === undefined ? {} : { '/work/c.json': content }
    expect(problemsOf({ env: { AUTHCTL_CONFIG: 'c.json' }, files })[0]).toMatch(
      /^AUTHCTL_CONFIG: \/work\/c.json cannot be used/,
    )
  })

  test('a secret can come from a file, less its last line end; both forms or a missing file are refused', () => {
    const files = { '/run/secret': `${STRONG}\n` }
    expect(load({ env: { JWT_SECRET_FILE: '/run/secret' }, files }).settings.JWT_SECRET).toBe(STRONG)
    expect(problemsOf({ env: { JWT_SECRET_FILE: '/run/secret', JWT_SECRET: STRONG }, files })[0]).toMatch(
      /both set/,
    )
    expect(problemsOf({ env: { JWT_SECRET_FILE: '/run/none' } })).toEqual([
      'JWT_SECRET_FILE: /run/none does not exist',
    ])
  })

  const production = {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://auth.example.com',
    AUTHCTL_SECRET: STRONG,
    REFRESH_KEY_SECRET: STRONG,
    FAST2SMS_API_KEY: 'key',
    AUTHCTL_DATA_DIR: '/var/lib/authctl',
  }

  test('a whole production configuration is accepted', () => {
    expect(problemsOf({ env: production })).toEqual([])
  })

  test.each([
    ['PUBLIC_URL', undefined, /PUBLIC_URL is required/],
    ['PUBLIC_URL', 'http://auth.example.com', /must be https/],
    ['PUBLIC_URL', 'HTTP://auth.example.com', /must be https/],
    ['AUTHCTL_SECRET', undefined, /AUTHCTL_SECRET is required/],
    ['REFRESH_KEY_SECRET', undefined, /REFRESH_KEY_SECRET is required/],
    ['FAST2SMS_API_KEY', undefined, /an SMS sender is required/],
    ['AUTHCTL_DATA_DIR', undefined, /AUTHCTL_DATA_DIR must be named/],
    ['AUTHCTL_RATE_LIMITS', 'off', /refused in production/],
  ] as const)('A9, J5: production refuses %s = %s', (name, value, expected) => {
    expect(problemsOf({ env: { ...production, [name]: value } })).toEqual([expect.stringMatching(expected)])
  })

  test.each([
    [{ AUTHCTL_SMS_WEBHOOK_URL: 'https://x.example' }, /AUTHCTL_SMS_WEBHOOK_SECRET is required/],
    [
      {
        AUTHCTL_SMS_WEBHOOK_URL: 'https://x.example',
        AUTHCTL_SMS_WEBHOOK_SECRET: STRONG,
        FAST2SMS_API_KEY: 'k',
      },
      /keep one/,
    ],
    [{ AUTHCTL_FAST2SMS_ROUTE: 'dlt' }, /needs AUTHCTL_FAST2SMS_SENDER_ID/],
    [{ AUTHCTL_SMS_ORIGIN: 'http://app.example.com' }, /not an origin such as https/],
    [{ AUTHCTL_SMS_ORIGIN: 'shop=https://app.example.com/x' }, /not an origin such as https/],
    [{ AUTHCTL_SMS_ORIGIN: 'https://app.example.com', FAST2SMS_API_KEY: 'k' }, /use dlt/],
    [
      {
        AUTHCTL_SMS_ORIGIN: 'a=https://a.example.com,b=https://b.example.com',
        AUTHCTL_FAST2SMS_ROUTE: 'dlt',
        AUTHCTL_FAST2SMS_SENDER_ID: 'NAMMA',
        AUTHCTL_FAST2SMS_MESSAGE_ID: '1',
        FAST2SMS_API_KEY: 'k',
      },
      /names several pages/,
    ],
    [{ AUTHCTL_CLEANUP_CRON: 'now and then' }, /not a cron expression/],
    [{ AUTHCTL_SESSION_IDLE: 'admin=60' }, /AUTHCTL_SESSION_IDLE/],
    [{ AUTHCTL_CORS_ORIGINS: '*' }, /not an origin/],
    [{ PUBLIC_URL: 'https://user@x.example' }, /PUBLIC_URL/],
  ] as const)('%j is refused', (env, expected) => {
    expect(problemsOf({ env })).toEqual([expect.stringMatching(expected)])
  })

  test('OPS-D3: the problems of production are told together with all others, each once', () => {
    const problems = problemsOf({
      env: {
        ...production,
        PUBLIC_URL: 'nowhere',
        AUTHCTL_SECRET: undefined,
        AUTHCTL_SECRET_FILE: '/run/none',
        REFRESH_KEY_SECRET: undefined,
        FAST2SMS_API_KEY: undefined,
        PORT: 'x',
      },
    })
    expect(problems).toEqual([
      expect.stringMatching(/^PORT/),
      expect.stringMatching(/^PUBLIC_URL \(environment\) must be an http/),
      'AUTHCTL_SECRET_FILE: /run/none does not exist',
      expect.stringMatching(/^REFRESH_KEY_SECRET is required/),
      expect.stringMatching(/^an SMS sender is required/),
    ])
    expect(problemsOf({ env: { NODE_ENV: 'prod' } })).toContainEqual(expect.stringMatching(/^PUBLIC_URL is/))
    expect(problemsOf({ env: { NODE_ENV: 'staging' } })).toHaveLength(1)
  })

  test.each([
    ['AUTHCTL_SERVICE_HOST', '10.96.14.2'],
    ['AUTHCTL_SERVICE_PORT', '8000'],
    ['AUTHCTL_SERVICE_PORT_HTTP', '8000'],
    ['AUTHCTL_PORT', 'tcp://10.96.14.2:8000'],
    ['AUTHCTL_PORT_8000_TCP', 'tcp://[fd00::1]:8000'],
    ['AUTHCTL_PORT_8000_TCP_PROTO', 'tcp'],
    ['AUTHCTL_PORT_8000_TCP_PORT', '8000'],
    ['AUTHCTL_PORT_8000_TCP_ADDR', 'fd00::1'],
    ['AUTHCTL_METRICS_SERVICE_HOST', '10.96.14.2'],
  ])('J11: the service link %s of Kubernetes is no setting and no mistake', (name, value) => {
    expect(problemsOf({ env: { [name]: value } })).toEqual([])
    expect(problemsOf({ files: { '/work/.env': `${name}=${value}` } })).toHaveLength(1)
  })

  test('J11: what only resembles a service link is refused', () => {
    for (const env of [{ AUTHCTL_PORT: '9000' }, { AUTHCTL_SERVICE_HOST: 'somewhere else' }])
      expect(problemsOf({ env })).toHaveLength(1)
  })

  test('J11: a byte order mark at the head of any file changes nothing', () => {
    const files = {
      '/work/.env': `\uFEFFNODE_ENV=test\r\nAUTHCTL_CONFIG=c.json\r\nJWT_SECRET_FILE=s\r\n`,
      '/work/c.json': '\uFEFF{"PORT": 4}',
      '/work/s': `\uFEFF${STRONG}\r\n`,
    }
    expect(load({ files }).settings).toMatchObject({ NODE_ENV: 'test', PORT: 4, JWT_SECRET: STRONG })
  })

  test('J11: a JSON file is understood or refused by its line, and nothing of it is repeated', () => {
    const read = (content: string) =>
      problemsOf({ env: { AUTHCTL_CONFIG: 'c.json' }, files: { '/work/c.json': content } })
    expect(read('{\n"JWT_SECRET": hunter2\n}')).toEqual([expect.stringMatching(/line 2, column 15/)])
    expect(read('{"PORT": 1,\n"PORT": 2}')).toEqual([expect.stringMatching(/line 2.*twice/)])
    expect(read('{\n"PORT": {}}')).toEqual([expect.stringMatching(/line 2: PORT must be/)])
    for (const problem of read('{"JWT_SECRET": "hunter2"x}')) expect(problem).not.toContain('hunter2')
    const origins = '{"AUTHCTL_CORS_ORIGINS": ["https://a.example", "https://b.example"]}'
    expect(read(origins)).toEqual([])
  })
})
