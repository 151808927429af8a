import type { AuthctlClient } from '@authctl/sdk'
import { FORMS } from '../input/forms.ts'
import { shellWord } from '../output/shell-word.ts'
import { localProblem } from '../problem.ts'

/** How a username is compared here; the server has the last word on which name is whose. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

/**
 * The id of an account that is named by its id, or by the username of one that the caller sees. Throws
 * `Problem` `not_found`.
 */
export const accountIdOf = async (client: AuthctlClient, named: string): Promise<string> => {
  if (FORMS.account.pattern.test(named)) return named
  for await (const { id, username } of await client.accounts.list({ text: named, limit: 200 }))
    if (username !== null && folded(username) === folded(named)) return id
  throw localProblem(
    'not_found',
    `there is no account with the username ${named} that you see`,
    `Name it by its id; find it with: authctl clients list --text ${shellWord(named)}`,
  )
}
