import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { renderReference } from './reference.ts'
import { ROOT } from './sources.ts'

const check = process.argv.includes('--check')
const current = (file: string): string | undefined =>
  existsSync(`${ROOT}${file}`) ? readFileSync(`${ROOT}${file}`, 'utf8') : undefined

const outdated = [...renderReference()].filter(([file, content]) => current(file) !== content)
for (const [file, content] of outdated) {
  if (check) {
    console.error(`${file} is out of date: run \`npm run generate\``)
    process.exitCode = 1
    continue
  }
  mkdirSync(dirname(`${ROOT}${file}`), { recursive: true })
  writeFileSync(`${ROOT}${file}`, content)
  console.error(`wrote ${file}`)
}
