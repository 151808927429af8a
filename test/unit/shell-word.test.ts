import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { shellWord } from '../../cli/output/shell-word.ts'

test('CLI-C18: a word of a command that is told is one word to a shell, as it stands', () => {
  const words = [
    '',
    'plain/file-1.json',
    'a b',
    "it's",
    '$HOME',
    '`id`',
    '*',
    'ü',
    'a;b',
    'a\nb',
    '~',
    '"',
    '&',
  ]
  const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`
  expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(
    words,
  )
})
