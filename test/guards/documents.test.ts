import { existsSync, globSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { expect, test } from 'vitest'
import { readSource, ROOT } from '../support/source-files.ts'

const documents = globSync(['*.md', 'docs/**/*.md', 'examples/**/*.md', 'sdk/*.md'], { cwd: ROOT }).sort()
const { scripts } = JSON.parse(readSource('package.json')) as { scripts: Record<string, string> }
const manifest = JSON.parse(readSource('oclif.manifest.json')) as { commands: Record<string, unknown> }

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, '')
    .replaceAll(' ', '-')

const anchors = (file: string): string[] =>
  [...readSource(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => slug(heading))

/** The relative links of a text that lead nowhere. */
const brokenLinks = (file: string, text: string): string[] =>
  [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => {
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? file : join(dirname(file), path)
      return !existsSync(`${ROOT}${target}`) || (anchor !== undefined && !anchors(target).includes(anchor))
    })

/** The npm scripts that a text names and that do not exist. */
const unknownScripts = (text: string): string[] =>
  [...text.matchAll(/\bnpm (?:run )?([a-z:]+)/g)]
    .map(([, name = '']) => name)
    .filter(
      (name) =>
        !['ci', 'install', 'i', 'pack', 'scripts', 'packages', ...Object.keys(scripts)].includes(name),
    )

/** Whether there is a command, or a topic that is named without one. */
const isCommand = (topic: string, verb: string | undefined): boolean =>
  topic === 'help' ||
  topic in manifest.commands ||
  (verb === undefined
    ? Object.keys(manifest.commands).some((id) => id.startsWith(`${topic}:`))
    : `${topic}:${verb}` in manifest.commands)

/** The commands that a text shows and that do not exist. */
const unknownCommands = (text: string): string[] =>
  [...text.matchAll(/(?:^|\$ |\$\(|`)(?:\.\/)?authctl ([a-z]+)(?: ([a-z-]*[a-z]))?/gm)]
    .filter(([, topic = '', verb]) => !isCommand(topic, verb))
    .map(([command]) => command)

test.each(documents)('the links, npm scripts and commands of %s exist', (file) => {
  const text = readSource(file)
  expect([...brokenLinks(file, text), ...unknownScripts(text), ...unknownCommands(text)]).toEqual([])
})

test('what does not exist is found', () => {
  expect(
    brokenLinks('README.md', '[a](docs/nowhere.md) [b](docs/reference/errors.md#no_such_code)'),
  ).toHaveLength(2)
  expect(unknownScripts('npm run nonsense')).toEqual(['nonsense'])
  expect(unknownCommands('./authctl frobnicate')).toEqual(['./authctl frobnicate'])
  expect(unknownCommands('a=$(authctl admins frobnicate -o name)')).toEqual(['$(authctl admins frobnicate'])
})
