import { execFileSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv, env } from 'node:process'
import { page } from './markdown.ts'
import { ROOT } from './sources.ts'

const DRAFT = 'node_modules/.cache/authctl/reference'
const INDEX = 'cli.md'

/** Has oclif write the pages into a folder of drafts; the commands are those of `dist`. */
const draftPages = (): Map<string, string> => {
  const draft = join(ROOT, DRAFT)
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  const intro =
    'Every command with its arguments and flags. `authctl help exit-codes` and `authctl help environment` tell what scripts depend on.'
  writeFileSync(join(draft, INDEX), page('Command line', intro, '<!-- commands -->'))
  const flags = [
    '--multi',
    '--no-source-links',
    '--readme-path',
    `${DRAFT}/${INDEX}`,
    '--output-dir',
    `${DRAFT}/cli`,
  ]
  // The width of a terminal would change the pages.
  const { COLUMNS: _, ...rest } = env
  execFileSync(join(ROOT, 'node_modules/.bin/oclif'), ['readme', ...flags], {
    cwd: ROOT,
    env: { ...rest, NO_COLOR: '1' },
    // What it warns of on stderr is shown if it fails.
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const read = (file: string): string =>
    readFileSync(join(draft, file), 'utf8').replaceAll(`](${DRAFT}/`, '](')
  return new Map(globSync('**/*.md', { cwd: draft }).map((file) => [`docs/reference/${file}`, read(file)]))
}

const isCheck = argv.includes('--check')
const pages = draftPages()
const existing = globSync('docs/reference/{cli.md,cli/**/*.md}', { cwd: ROOT })
const superfluous = existing.filter((file) => !pages.has(file))
const outdated = [...pages].filter(
  ([file, content]) => !existsSync(join(ROOT, file)) || readFileSync(join(ROOT, file), 'utf8') !== content,
)
if (isCheck) {
  for (const file of [...superfluous, ...outdated.map(([name]) => name)]) {
    console.error(`${file} is out of date: run \`npm run generate\``)
    process.exitCode = 1
  }
} else {
  for (const file of superfluous) rmSync(join(ROOT, file))
  for (const [file, content] of outdated) {
    mkdirSync(dirname(join(ROOT, file)), { recursive: true })
    writeFileSync(join(ROOT, file), content)
    console.error(`wrote ${file}`)
  }
}
