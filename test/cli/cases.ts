import { join } from 'node:path'
import { ROOT } from '../support/source-files.ts'
import type { ProcessInvocation } from './spawn-cli.ts'

/** One black-box case: what is typed, and what must come out. */
export interface Case extends ProcessInvocation {
  /** Starts with the row of the command line's checklist. */
  readonly name: string
  readonly code: number
  /** Patterns that must be found; `''` means nothing at all. */
  readonly stdout?: RegExp | ''
  readonly stderr?: RegExp | ''
  readonly notStderr?: RegExp
  /** stdout is one JSON document. */
  readonly isJson?: true
  /** What Node itself prints counts too. Rows that need a descriptor run as a process anyway. */
  readonly asProcess?: true
}

const ONE_LINE_AND_HINT = /^Error: [^\n]+\n[^\n]+\n$/
/** Nothing listens on port 2 of the loopback. */
const NOBODY = 'http://127.0.0.1:2'
const PASSWORD = 'a lantern above nine quiet harbours'
const ADMIN = 'adm_00000000000000000000000000'
const POLICIES = join(ROOT, 'examples/policies')
const PLACES = join(ROOT, 'examples/places')
const GEOJSON = '{"type":"FeatureCollection","features":[{"type":"Feature"}]}'

const usage: readonly Case[] = [
  {
    name: 'CLI-C5: an unknown flag exits 64 with one short line',
    argv: ['whoami', '--nope'],
    code: 64,
    stdout: '',
    stderr: ONE_LINE_AND_HINT,
  },
  {
    name: 'CLI-C9: a mistyped flag is answered with the nearest one',
    argv: ['start', '--prot', '1'],
    code: 64,
    stdout: '',
    stderr: /Did you mean --port\?/,
  },
  {
    name: 'CLI-C9: a mistyped command is answered with the nearest one',
    argv: ['whoamy'],
    code: 64,
    stdout: '',
    stderr: /unknown command "whoamy"\nDid you mean: authctl whoami\?/,
  },
  {
    name: 'CLI-C9: a mistyped verb is answered with the nearest one',
    argv: ['admins', 'crate'],
    code: 64,
    stdout: '',
    stderr: /Did you mean: authctl admins create\?/,
  },
  {
    name: 'CLI-C5: an unknown command exits 64 with stdin closed',
    argv: ['frobnicate'],
    stdin: 'closed',
    code: 64,
    stdout: '',
    stderr: ONE_LINE_AND_HINT,
  },
  {
    name: 'CLI-C5: an unknown command exits 64 with an open pipe as stdin',
    argv: ['frobnicate'],
    stdin: 'open',
    code: 64,
    stdout: '',
    stderr: ONE_LINE_AND_HINT,
  },
  {
    name: 'CLI-C5: a bad value of a choice exits 64',
    argv: ['whoami', '--output', 'zzz'],
    code: 64,
    stdout: '',
    stderr: /--output=zzz .*table, json, yaml, name/,
  },
  {
    name: 'CLI-C5: a number out of range exits 64',
    argv: ['whoami', '--timeout', '0'],
    code: 64,
    stdout: '',
    stderr: /--timeout: expected/,
  },
  {
    name: 'CLI-C5: a flag without its value exits 64',
    argv: ['whoami', '--server'],
    code: 64,
    stdout: '',
    stderr: /--server expects a value/,
  },
  {
    name: 'CLI-C5: a missing argument exits 64',
    argv: ['admins', 'get'],
    code: 64,
    stdout: '',
    stderr: /missing ID/,
  },
  {
    name: 'CLI-C5: a missing flag exits 64',
    argv: ['admins', 'create'],
    code: 64,
    stdout: '',
    stderr: /missing --name/,
  },
  {
    name: 'CLI-C5: a superfluous argument exits 64',
    argv: ['whoami', 'extra'],
    code: 64,
    stdout: '',
    stderr: /unexpected argument: extra/,
  },
  {
    name: 'CLI-C5: flags that exclude each other exit 64',
    argv: ['login', '--username', 'a', '--number', '1'],
    code: 64,
    stdout: '',
  },
  {
    name: 'CLI-C5: a server that is no URL exits 64',
    argv: ['whoami', '--server', 'localhost'],
    code: 64,
    stdout: '',
    stderr: /http or https URL/,
  },
  {
    name: 'CLI-C9: a flag before the command is explained',
    argv: ['--json', 'whoami'],
    code: 64,
    stdout: /after/,
  },
  {
    name: 'CLI-C9: an id of another kind names the right topic',
    argv: ['clients', 'get', ADMIN],
    code: 64,
    stderr: /an admin, not a client\nUse: authctl admins/,
  },
  {
    name: 'CLI-C9: help of something unknown exits 64',
    argv: ['help', 'nope'],
    code: 64,
    stdout: '',
    stderr: /unknown command "nope"/,
  },
  {
    name: 'CLI-C18: a usage error shows no stack trace',
    argv: ['whoami', '--nope'],
    code: 64,
    notStderr: /\n\s+at /,
  },
  {
    name: 'CLI-C12: a usage error under --json is an object on stdout',
    argv: ['whoami', '--nope', '--json'],
    code: 64,
    stdout: /"code": "usage"/,
    stderr: '',
  },
  {
    name: 'CLI-C12: a usage error under -o json is an object on stdout',
    argv: ['whoami', '-o', 'json', '--nope'],
    code: 64,
    stdout: /"message": "unknown flag --nope"/,
    stderr: '',
  },
  {
    name: 'CLI-C19: what follows an unknown flag is not repeated',
    argv: ['login', '--password=hunter2-hunter2'],
    code: 64,
    stdout: '',
    stderr: /unknown flag --password\n/,
    notStderr: /hunter2/,
  },
  {
    name: 'CLI-C19: nor under --json',
    argv: ['login', '--username', 'root', '--password=hunter2-hunter2', '--json'],
    code: 64,
    stdout: /^(?![\s\S]*hunter2)[\s\S]*unknown flag --password/,
    stderr: '',
  },
]

const ABSENT: Readonly<Record<string, string>> = {
  AUTHCTL_SERVER: NOBODY,
  AUTHCTL_TOKEN: 'eyJhbGciOiJub25lIn0.eyJleHAiOjQxMDI0NDQ4MDB9.c2ln',
}

const answers: readonly Case[] = [
  {
    name: 'CLI-C5: not signed in exits 4',
    argv: ['whoami'],
    code: 4,
    stdout: '',
    stderr: /not signed in to http:\/\/127\.0\.0\.1:8000 \(the default\)\n.*authctl login/,
  },
  {
    name: 'CLI-C12: not signed in under --json',
    argv: ['whoami', '--json'],
    code: 4,
    stdout: /"code": "not_signed_in"/,
    stderr: '',
  },
  {
    name: 'CLI-C5: an unreachable server exits 69',
    argv: ['whoami'],
    env: ABSENT,
    code: 69,
    stdout: '',
    stderr: /127\.0\.0\.1:2/,
  },
  {
    name: 'CLI-C18: an unreachable server shows no stack trace and no token',
    argv: ['whoami'],
    env: ABSENT,
    code: 69,
    notStderr: /\n\s+at |eyJ/,
  },
  {
    name: 'CLI-C18: --debug shows the request and no token',
    argv: ['whoami', '--debug'],
    env: ABSENT,
    code: 69,
    stderr: /> GET http:\/\/127\.0\.0\.1:2\/auth\/me/,
    notStderr: /eyJ/,
  },
  {
    name: 'CLI-C5: healthcheck of an unreachable daemon exits 69',
    argv: ['healthcheck', '--server', NOBODY],
    code: 69,
    stdout: '',
    stderr: /no daemon answers/,
  },
  {
    name: 'CLI-C5: healthcheck takes PORT of the environment',
    argv: ['healthcheck'],
    env: { PORT: '2' },
    code: 69,
    stderr: /127\.0\.0\.1:2/,
  },
  {
    name: 'CLI-C5: doctor of an unreachable server exits 1',
    argv: ['doctor', '--server', NOBODY],
    code: 1,
    stdout: /^NAME\tSTATUS\tDETAIL\tFIX\nserver\tfail\t/,
  },
  {
    name: 'CLI-C12: doctor --json',
    argv: ['doctor', '--server', NOBODY, '--json'],
    code: 1,
    stdout: /"status": "fail"/,
    stderr: '',
  },
  {
    name: 'CLI-C5: a file that is not there exits 1',
    argv: ['places', 'import', 'nowhere.geojson'],
    env: ABSENT,
    code: 1,
    stdout: '',
    stderr: /nowhere\.geojson: no such file/,
  },
  {
    name: 'CLI-C5: a directory instead of a file exits 1 and is named',
    argv: ['places', 'import', '/tmp'],
    env: ABSENT,
    code: 1,
    stdout: '',
    stderr: /^Error: \/tmp: it is a directory\n$/,
  },
  {
    name: 'places import refuses what is not JSON',
    argv: ['places', 'import', '-'],
    stdin: { text: 'nonsense' },
    env: ABSENT,
    code: 1,
    stderr: /standard input is not JSON/,
  },
  {
    name: 'places import refuses another kind of GeoJSON',
    argv: ['places', 'import', '-'],
    stdin: { text: '{"type":"Point"}' },
    env: ABSENT,
    code: 1,
    stderr: /is a Point, not a FeatureCollection/,
  },
  {
    name: 'places import of an empty collection sends nothing, and says so',
    argv: ['places', 'import', '-'],
    stdin: { text: '{"type":"FeatureCollection","features":[]}' },
    env: ABSENT,
    code: 0,
    stdout: /^created\s+0$/m,
    stderr: /0 places: the file has none/,
  },
  {
    name: 'CLI-C5: places import to an unreachable server exits 69 and says what was imported',
    argv: ['places', 'import', '-'],
    stdin: { text: GEOJSON },
    env: ABSENT,
    code: 69,
    stderr: /nothing was imported/,
  },
  {
    name: 'policies validate passes the sample set',
    argv: ['policies', 'validate', POLICIES],
    code: 0,
    stdout: '',
    stderr: /examples\/policies: 2 policies, 0 errors, 0 warnings\n$/,
  },
  {
    name: 'policies lint has nothing to say of the sample set',
    argv: ['policies', 'lint', POLICIES],
    code: 0,
    stdout: '',
    stderr: /2 policies, 0 errors, 0 warnings\n$/,
  },
  {
    name: 'policies validate names what is no folder',
    argv: ['policies', 'validate', '/nowhere'],
    code: 1,
    stdout: '',
    stderr: /\/nowhere is not a folder/,
  },
  {
    name: 'policies validate of one file leaves the others out',
    argv: ['policies', 'validate', join(POLICIES, 'documents/orders-clerk.json'), '--json'],
    code: 0,
    stdout: /"diagnostics": \[\]/,
    isJson: true,
  },
  {
    name: 'policies validate of a file that is in no set says so',
    argv: ['policies', 'validate', join(PLACES, 'bengaluru.geojson')],
    code: 1,
    stdout: '',
    stderr: /is in no folder of policies/,
  },
  {
    name: 'CLI-C5: policies validate exits 3 for a folder that is no set, and says what it lacks',
    argv: ['policies', 'validate', PLACES, '--json'],
    code: 3,
    stdout: /"code": "E_REF"[^]*no authctl\.json/,
    stderr: '',
    isJson: true,
  },
  {
    name: 'CLI-C9: policies validate shows the line with a caret, and exits 3',
    argv: ['policies', 'validate', PLACES],
    code: 3,
    stdout: /authctl\.json:1:1: error E_REF: the folder has no authctl\.json/,
    stderr: /docs\/reference\/policies\.md\.\n[^\n]*, 1 error, 0 warnings\n$/,
    notStderr: /Error:/,
  },
  {
    name: 'CLI-C10: policies put refuses a file without an Id before anything is sent',
    argv: ['policies', 'put', '-'],
    stdin: { text: '{}' },
    env: ABSENT,
    code: 64,
    stderr: /the policy has no Id/,
  },
  {
    name: 'CLI-C5: policies set-boundary needs a policy or --clear',
    argv: ['policies', 'set-boundary', ADMIN],
    env: ABSENT,
    code: 64,
    stderr: /name a policy, or pass --clear/,
  },
  {
    name: 'CLI-C5: policies set-boundary takes a policy or --clear, not both',
    argv: ['policies', 'set-boundary', ADMIN, 'read-only', '--clear'],
    env: ABSENT,
    code: 64,
    stderr: /name a policy or pass --clear, not both/,
  },
  {
    name: 'CLI-C5: access explain --decision takes no question beside it',
    argv: ['access', 'explain', '--decision', 'AX3k_0123456789abc', '--principal', ADMIN],
    env: ABSENT,
    code: 64,
    stderr: /--decision holds the question already/,
  },
  {
    name: 'CLI-C5: access explain needs a question or a decision',
    argv: ['access', 'explain', 'orders:Read'],
    env: ABSENT,
    code: 64,
    stderr: /name an action and a resource, or pass --decision/,
  },
  {
    name: 'CLI-C31: a field of a policy file is explained by the schema that editors use',
    argv: ['policies', 'explain', 'policy.Statement.Effect'],
    code: 0,
    stdout:
      /^path\tpolicy\.Statement\.Effect\ntype\tAllow \| Deny\nrequired\ttrue\ndescription\tWhat comes of/,
    stderr: '',
  },
  {
    name: 'CLI-C31: what a kind of file has is listed',
    argv: ['policies', 'explain', 'service.actions', '--json'],
    code: 0,
    stdout: /"name": "resources",\s+"type": "string or list of string",\s+"required": true/,
    isJson: true,
  },
  {
    name: 'CLI-C9: a field that is misspelt is answered with the nearest one',
    argv: ['policies', 'explain', 'policy.Statement.Efect'],
    code: 64,
    stdout: '',
    stderr: /policy\.Statement has no field Efect\nDid you mean Effect\?/,
  },
  {
    name: 'CLI-C5: a context that is no pair exits 64',
    argv: ['access', 'check', 'orders:Read', 'order/1', '--context', 'total'],
    env: ABSENT,
    code: 64,
    stderr: /there is no context total \(from --context, for it is no KEY=VALUE\)/,
  },
  ...[
    'policies delete x',
    `admins delete ${ADMIN}`,
    `admins sessions ${ADMIN} --end`,
    'services delete orders',
  ].map((line, index): Case => ({
    name: `CLI-C11: ${line} without a terminal and without --yes exits 7`,
    argv: line.split(' '),
    env: ABSENT,
    // One as a process: a closed descriptor and an empty input are no terminal alike.
    ...(index === 0 ? { stdin: 'closed' } : {}),
    code: 7,
    stderr: /Pass --yes/,
  })),
  {
    name: 'CLI-C16: the token of AUTHCTL_TOKEN_FILE must exist',
    argv: ['whoami'],
    env: { AUTHCTL_TOKEN_FILE: '/nowhere/token' },
    code: 1,
    stderr: /cannot read the access token from \/nowhere\/token/,
  },
  ...['ünïcödeß☃', 'two words', 'eyJ\nx'].map((token): Case => ({
    name: `CLI-C15: ${JSON.stringify(token)} in AUTHCTL_TOKEN is named as no token, and not shown`,
    argv: ['whoami'],
    env: { AUTHCTL_TOKEN: token, AUTHCTL_SERVER: NOBODY },
    code: 4,
    stdout: '',
    stderr: /^Error: AUTHCTL_TOKEN is no access token: [^\n]+\nThe token came from AUTHCTL_TOKEN, [^\n]+\n$/,
  })),
  {
    name: 'CLI-C15: AUTHCTL_TOKEN may end in a line break, as a file of secrets does',
    argv: ['whoami'],
    env: { AUTHCTL_TOKEN: 'a.b.c\n', AUTHCTL_SERVER: NOBODY },
    code: 69,
  },
  {
    name: 'CLI-C12: logout says what came of it to programs too',
    argv: ['logout', '-o', 'json'],
    code: 0,
    stdout: /^\{\n {2}"server": "[^"]+",\n {2}"session": "none",\n {2}"removed": false\n\}\n$/,
  },
  {
    name: 'CLI-C9: completion without a shell lists the shells',
    argv: ['completion'],
    code: 64,
    stdout: '',
    stderr: /missing SHELL[\s\S]*SHELL is one of bash, zsh, powershell, fish\./,
  },
  {
    name: 'logout without a session is no error',
    argv: ['logout'],
    code: 0,
    stdout: '',
    stderr: /Not signed in/,
  },
]

/** Broken, with its place. */
const BROKEN = '{"Version": "authctl/1",\n "Id": "x",\n "Statement": [],}'
const PLACE = /standard input:3:18: error E_JSON: [^\n]*\n {2}3 \| {2}"Statement": \[\],\}\n {4}\| {18}\^\n/

const putFiles: readonly Case[] = ['policies', 'services', 'attachments'].flatMap((topic): Case[] => [
  {
    name: `CLI-C9: ${topic} put shows broken JSON by line and caret before anything is sent or asked, exit 3`,
    argv: [topic, 'put', '-'],
    stdin: { text: BROKEN },
    env: ABSENT,
    code: 3,
    stdout: '',
    stderr: PLACE,
  },
  {
    name: `CLI-C12: ${topic} put of broken JSON under --json`,
    argv: [topic, 'put', '-', '--json'],
    stdin: { text: BROKEN },
    env: ABSENT,
    code: 3,
    stdout: /"code": "policy_invalid"[^]*"line": 3,\n +"column": 18/,
    stderr: '',
    isJson: true,
  },
  ...(['null', 'closed'] as const).map((stdin): Case => ({
    name: `${topic} put of standard input that is ${stdin} says that the text is empty`,
    argv: [topic, 'put', '-'],
    stdin,
    env: ABSENT,
    code: 3,
    stderr: /standard input:1:1: error E_JSON: the text ends/,
    notStderr: /await/,
  })),
])

const redirected: readonly Case[] = [
  {
    name: 'policies put - reads a file that is redirected to standard input',
    argv: ['policies', 'put', '-'],
    stdin: { file: join(POLICIES, 'documents/read-only.json') },
    env: ABSENT,
    code: 69,
  },
  {
    name: 'services put - reads one too, and takes its name from it',
    argv: ['services', 'put', '-'],
    stdin: { file: join(POLICIES, 'services/orders.json') },
    env: ABSENT,
    code: 69,
  },
  {
    name: 'attachments put - reads one too',
    argv: ['attachments', 'put', '-', '--yes'],
    stdin: { file: join(POLICIES, 'attachments/roles.json') },
    env: ABSENT,
    code: 69,
  },
  ...['backup', 'restore --yes', 'devices approve --yes', 'places get'].map((line): Case => ({
    name: `${line} takes no argument from standard input that was left out`,
    argv: line.split(' '),
    stdin: { file: join(POLICIES, 'authctl.json') },
    env: { OCLIF_STDIN_TIMEOUT_MS: '5000' },
    code: 64,
    stderr: /^Error: missing [A-Z]+\n/,
  })),
  {
    name: 'login --password-stdin reads one too',
    argv: ['login', '--username', 'root', '--password-stdin', '--server', NOBODY],
    stdin: { file: join(POLICIES, 'authctl.json') },
    code: 69,
  },
  {
    name: 'CLI-C9: services put refuses a declaration that is wrong by itself, all at once',
    argv: ['services', 'put', '-'],
    stdin: { text: '{"service":"orders","actions":{"read":{}},"resource_types":{}}' },
    env: ABSENT,
    code: 3,
    stderr: /2 errors in standard input\n[^]*"read" is not a verb[^]*names no resources/,
  },
  {
    name: 'CLI-C9: attachments put refuses a selector that is wrong by itself',
    argv: ['attachments', 'put', '-'],
    stdin: { text: '{"attachments":[{"to":{"rol":"admin"},"policies":["a"]}]}' },
    env: ABSENT,
    code: 3,
    stderr: /did you mean role\?/,
  },
  {
    name: 'CLI-C20: a full disk under standard output is one line, exit 1',
    argv: ['config', 'print'],
    stdoutFile: '/dev/full',
    code: 1,
    stderr: /^Error: standard output: no space left on the device\n$/,
  },
]

const malformed: readonly Case[] = [
  [
    ['access', 'check', 'orders.Read', 'order/1'],
    '"orders.Read" is not an action\nAn action is service:Verb',
  ],
  [['access', 'check', 'orders:Read', 'order'], '"order" is not a resource\nA resource is type/path'],
  [['access', 'who-can', 'orders:Read', 'order/../1'], '"order/../1" is not a resource'],
  [
    ['access', 'check', 'orders:Read', 'order/1', '--principal', 'asha'],
    '"asha" is not the id of an account',
  ],
  [['access', 'check', 'orders:Read', 'order/1', '--context', 'total=1'], '"total" is not a context key'],
  [['access', 'explain', '--decision', 'x'], '"x" is not the id of a decision'],
  [['clients', 'get', 'cli_1'], '"cli_1" is not the id of an account'],
  [['clients', 'list', '--parent', 'asha'], '"asha" is not the id of an account'],
  [['clients', 'list', '--attribute', 'tier:gold'], '--attribute tier:gold must be NAME=VALUE'],
  [['clients', 'list', '--attribute', 'a b=1'], '"a b" is not an attribute'],
  [['clients', 'update', ADMIN.replace('adm', 'cli'), '--email', 'asha'], '"asha" is not an e-mail address'],
  [['clients', 'create', '--name', 'A', '--number', '1', '--email', 'a'], '"a" is not an e-mail address'],
  [
    ['clients', 'create', '--name', 'A', '--number', '1', '--policy', 'a b'],
    '"a b" is not the name of a policy',
  ],
  [
    ['clients', 'create', '--name', 'A', '--number', '1', '--admin', 'cli_00000000000000000000000000'],
    'cli_00000000000000000000000000 is a client, not an admin',
  ],
  [['policies', 'get', 'root/'], '"root/" is not the name of a policy'],
  [['policies', 'list', '--namespace', 'mine'], '"mine" is not a namespace\nA namespace is root'],
  [['services', 'delete', 'Orders', '--yes'], '"Orders" is not the name of a service'],
].map(([argv, text]): Case => ({
  name: `CLI-C5: ${(argv as string[]).join(' ')} exits 64 with an example, before anything is sent`,
  argv: argv as string[],
  env: ABSENT,
  code: 64,
  stdout: '',
  stderr: new RegExp(`^Error: ${(text as string).replace(/[.*+?()]/g, '\\$&')}`),
}))

const suggestions: readonly Case[] = [
  {
    name: 'CLI-C9: what deletes is suggested for a slip of one key only',
    argv: ['users', 'delte', 'x'],
    code: 64,
    stderr: /Did you mean: authctl users delete\?/,
  },
  {
    name: 'CLI-C9: and never for another verb',
    argv: ['keys', 'invoke', 'x'],
    code: 64,
    stderr: /unknown command "keys invoke x"\nSee its commands with: authctl keys --help\n$/,
  },
  {
    name: 'CLI-C9: a mistyped topic with a right verb',
    argv: ['admin', 'create'],
    code: 64,
    stderr: /Did you mean: authctl admins create\?/,
  },
  {
    name: 'CLI-C9: an unknown command is repeated as it was typed',
    argv: ['access', 'can', 'orders:Read', 'x', '--json=1'],
    code: 64,
    stderr:
      /^Error: unknown command "access can orders:Read x"\nSee its commands with: authctl access --help\n$/,
  },
]

const NO_TTY = ['closed', 'null', 'open'] as const
const noPrompt: readonly Case[] = NO_TTY.flatMap((stdin): Case[] => [
  {
    name: `CLI-C11: disable without --yes exits 7 and names the flag (stdin ${stdin})`,
    argv: ['admins', 'disable', ADMIN],
    stdin,
    env: ABSENT,
    code: 7,
    stdout: '',
    stderr: /--yes/,
  },
  {
    name: `CLI-C11: the same under CI=true (stdin ${stdin})`,
    argv: ['admins', 'disable', ADMIN],
    stdin,
    env: { ...ABSENT, CI: 'true' },
    code: 7,
    stderr: /--yes/,
  },
  {
    name: `CLI-C11: bootstrap asks for nothing (stdin ${stdin})`,
    argv: ['bootstrap', '--username', 'root'],
    stdin,
    code: 64,
    stdout: '',
    stderr: /--password-stdin/,
  },
  {
    name: `CLI-C11: login asks for nothing (stdin ${stdin})`,
    argv: ['login', '--username', 'root'],
    stdin,
    code: 64,
    stdout: '',
    stderr: /--password-stdin/,
  },
  {
    name: `CLI-C11: login by phone sends no code that nobody can type (stdin ${stdin})`,
    argv: ['login', '--number', '+919876543210', '--server', NOBODY],
    stdin,
    code: 64,
    stdout: '',
    stderr: /--otp-stdin/,
  },
])

const consent: readonly Case[] = [
  {
    name: 'CLI-C11: "y" on a pipe is no confirmation',
    argv: ['clients', 'disable', ADMIN.replace('adm', 'cli')],
    stdin: { text: 'y\n' },
    env: ABSENT,
    code: 7,
  },
  {
    name: 'CLI-C11: --no-input',
    argv: ['users', 'disable', ADMIN.replace('adm', 'usr'), '--no-input'],
    env: ABSENT,
    code: 7,
    stderr: /--yes/,
  },
  {
    name: 'CLI-C11: AUTHCTL_NO_INPUT',
    argv: ['users', 'disable', ADMIN.replace('adm', 'usr')],
    env: { ...ABSENT, AUTHCTL_NO_INPUT: '1' },
    code: 7,
  },
  {
    name: 'CLI-C11: with --yes it goes on to the server',
    argv: ['admins', 'disable', ADMIN, '--yes'],
    env: ABSENT,
    code: 69,
  },
  {
    name: 'CLI-C12: not confirmed under --json',
    argv: ['admins', 'disable', ADMIN, '--json'],
    env: ABSENT,
    code: 7,
    stdout: /"code": "not_confirmed"/,
    stderr: '',
  },
  {
    name: 'CLI-C5: login to an unreachable server exits 69',
    argv: ['login', '--username', 'root', '--password-stdin', '--server', NOBODY],
    stdin: { text: PASSWORD },
    code: 69,
  },
  {
    name: 'CLI-C5: a weak password of a new account is refused before anything is sent',
    argv: ['admins', 'create', '--name', 'A', '--username', 'asha', '--password-stdin'],
    stdin: { text: 'short' },
    env: ABSENT,
    code: 64,
    stdout: '',
    stderr: /at least 15 characters/,
  },
  {
    name: 'CLI-C5: a weak password of bootstrap is refused before anything is sent',
    argv: ['bootstrap', '--server', NOBODY, '--username', 'root', '--password-stdin'],
    env: { AUTHCTL_SETUP_TOKEN: 'x' },
    stdin: { text: 'short' },
    code: 64,
    stderr: /at least 15 characters/,
  },
  {
    name: 'an empty password is refused',
    argv: ['bootstrap', '--username', 'root', '--password-stdin'],
    stdin: { text: '' },
    code: 64,
    stderr: /password is empty/,
  },
  {
    name: 'an account without a way to sign in is refused',
    argv: ['admins', 'create', '--name', 'A'],
    env: ABSENT,
    code: 64,
    stderr: /--username NAME, --number NUMBER/,
  },
]

const help: readonly Case[] = [
  {
    name: 'CLI-C19: --help lists every topic',
    argv: ['--help'],
    code: 0,
    stdout: /admins[\s\S]*places[\s\S]*bootstrap[\s\S]*exit-codes/,
    stderr: '',
  },
  { name: 'CLI-C19: no arguments show the help', argv: [], code: 0, stdout: /USAGE/, stderr: '' },
  {
    name: 'CLI-C19: examples come first',
    argv: ['login', '--help'],
    code: 0,
    stdout: /^[^\n]+\n\nEXAMPLES\n[\s\S]*\nUSAGE\n[\s\S]*GLOBAL FLAGS/,
    stderr: '',
  },
  {
    name: 'CLI-C19: help COMMAND is COMMAND --help',
    argv: ['help', 'admins', 'create'],
    code: 0,
    stdout: /EXAMPLES\n +\$ authctl admins create/,
    stderr: '',
  },
  ...['places list', 'login', 'clients create', 'policies lint', 'bootstrap'].map((line): Case => ({
    name: `CLI-C19: the usage of ${line} has no holes`,
    argv: [...line.split(' '), '--help'],
    code: 0,
    stdout: /^(?![^]*(?: \||\[|\() ?[\])])/,
  })),
  {
    name: 'CLI-C19: the usage of access explain has two forms',
    argv: ['access', 'explain', '--help'],
    code: 0,
    stdout:
      /explain ACTION RESOURCE \[--principal ID\] \[--context\s+KEY=VALUE\.\.\.\]\n +\$ authctl access explain --decision ID\n/,
  },
  {
    name: 'CLI-C19: an end user is deleted, not one that has no accounts below it',
    argv: ['users', 'delete', '--help'],
    code: 0,
    stdout: /^Delete an end user\n/,
  },
  { name: 'CLI-C19: -h', argv: ['whoami', '-h'], code: 0, stdout: /EXAMPLES/, stderr: '' },
  {
    name: 'CLI-C19: the help of a topic lists its commands',
    argv: ['admins'],
    code: 0,
    stdout: /admins create[\s\S]*admins list/,
    stderr: '',
  },
  {
    name: 'CLI-C5: help exit-codes',
    argv: ['help', 'exit-codes'],
    code: 0,
    stdout:
      /\n +8 {2}denied: the answer of `access check --exit-code`\n +9 {2}[\s\S]*\n +64 {2}wrong usage[\s\S]*\n +69 {2}[\s\S]*\n +75 {2}[\s\S]*\n +130 {2}/,
    stderr: '',
  },
  { name: 'help environment', argv: ['help', 'environment'], code: 0, stdout: /AUTHCTL_TOKEN/, stderr: '' },
  ...[['--help'], ['help', 'environment'], ['help', 'exit-codes']].map((argv): Case => ({
    name: `CLI-C19: ${argv.join(' ')} fits a terminal of 80 columns`,
    argv,
    code: 0,
    stdout: /^(?:[^\n]{0,80}\n)+$/,
  })),
  {
    name: 'CLI-C9: help for a command that is none repeats it, with the flag in front too',
    argv: ['--help', 'nosuch'],
    code: 64,
    stdout: '',
    stderr: /^Error: unknown command "nosuch"\n/,
  },
  {
    name: 'CLI-C19: --version',
    argv: ['--version'],
    code: 0,
    stdout: /^authctl\/\d+\.\d+\.\d+ /,
    stderr: '',
  },
]

const configuration: readonly Case[] = [
  {
    name: 'CLI-C12: config print off a terminal is tab-separated',
    argv: ['config', 'print'],
    code: 0,
    stdout: /^NAME\tVALUE\tSOURCE\n[\s\S]*\nPORT\t8000\tdefault\n/,
    stderr: '',
  },
  {
    name: 'CLI-C12: config print -o name',
    argv: ['config', 'print', '-o', 'name'],
    code: 0,
    stdout: /^NODE_ENV\nHOST\nPORT\n/,
    stderr: '',
  },
  {
    name: 'CLI-C12: config print -o yaml',
    argv: ['config', 'print', '-o', 'yaml'],
    env: { PORT: '9000' },
    code: 0,
    stdout: /- name: PORT\n {2}value: "9000"\n {2}source: environment\n/,
    stderr: '',
  },
  {
    name: 'CLI-C10: config print masks secrets',
    argv: ['config', 'print', '--json'],
    env: { AUTHCTL_SECRET: 'x'.repeat(40) },
    code: 0,
    stdout: /^(?![\s\S]*xxxx)[\s\S]*"value": "\(set\)"/,
    stderr: '',
  },
  {
    name: 'CLI-C9: config print reports every error at once',
    argv: ['config', 'print'],
    env: { PORT: 'x', AUTHCTL_PROT: '1' },
    code: 1,
    stdout: '',
    stderr: /AUTHCTL_PROT[\s\S]*PORT \(environment\)[\s\S]*\nCorrect it .* authctl doctor\n$/,
  },
  {
    name: 'CLI-C12: config errors under --json are details',
    argv: ['config', 'print', '--json'],
    env: { PORT: 'x' },
    code: 1,
    stdout: /"code": "invalid_configuration"[\s\S]*"details": \[/,
    stderr: '',
  },
  {
    name: 'CLI-C18: start with a bad configuration is short',
    asProcess: true,
    argv: ['start', '--port', '0'],
    env: { AUTHCTL_METRICS: 'maybe' },
    code: 1,
    stdout: '',
    stderr: /AUTHCTL_METRICS/,
    notStderr: /\n\s+at /,
  },
  {
    name: 'otp tail without an outbox shows nothing',
    argv: ['otp', 'tail', '--json'],
    code: 0,
    stdout: /^\[\]\n$/,
    stderr: '',
  },
]

const colour: readonly Case[] = [
  {
    name: 'CLI-C13: FORCE_COLOR paints off a terminal',
    argv: ['whoami'],
    env: { FORCE_COLOR: '1' },
    code: 4,
    stderr: /^\u001b\[31mError:/,
  },
  {
    name: 'CLI-C13: NO_COLOR wins over FORCE_COLOR, and Node stays quiet',
    asProcess: true,
    argv: ['whoami'],
    env: { FORCE_COLOR: '1', NO_COLOR: '1' },
    code: 4,
    stderr: /^Error: [^\n]+\n[^\n]+\n$/,
  },
  {
    name: 'CLI-C13: --no-color wins over FORCE_COLOR',
    argv: ['whoami', '--no-color'],
    env: { FORCE_COLOR: '1' },
    code: 4,
    stderr: /^Error:/,
  },
  {
    name: 'CLI-C13: FORCE_COLOR wins over TERM=dumb',
    argv: ['whoami'],
    env: { FORCE_COLOR: '1', TERM: 'dumb' },
    code: 4,
    stderr: /^\u001b\[31m/,
  },
  {
    name: 'CLI-C13: nothing is painted off a terminal',
    argv: ['login', '--help'],
    code: 0,
    stdout: /^[^\u001b]+$/,
  },
]

/** Every case that needs no daemon. */
export const CASES: readonly Case[] = [
  ...usage,
  ...answers,
  ...putFiles,
  ...redirected,
  ...malformed,
  ...suggestions,
  ...noPrompt,
  ...consent,
  ...help,
  ...configuration,
  ...colour,
]
