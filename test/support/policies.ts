import { SILENT_METER } from '../../daemon/ports/meter.ts'
import { NO_SHADOWS } from '../../daemon/usecases/access/shadow.ts'
import { NO_USES } from '../../daemon/usecases/access/uses.ts'
import { SILENT_RECORDER } from '../../daemon/ports/recorder.ts'
import type { Deps } from '../../daemon/usecases/deps.ts'
import { followPolicies } from '../../daemon/usecases/policies/follow.ts'

const nothing = () => undefined

/**
 * What deciding needs on a fresh install, without a store: the managed policies, and ids that are not
 * encrypted.
 */
export const withoutStoredPolicies = async (): Promise<
  Pick<Deps, 'policies' | 'vault' | 'meter' | 'recorder' | 'uses' | 'shadow'>
> => {
  const vault = {
    seal: (text: string) => text,
    open: (text: string) => text,
    digest: (text: string) => text,
  } as unknown as Deps['vault']
  const policies = await followPolicies({
    vault,
    store: {
      heads: () => Promise.resolve([]),
      read: () => Promise.resolve([]),
      moveHead: () => Promise.resolve(false),
      listTexts: () => Promise.resolve([]),
      deleteTexts: () => Promise.resolve(0),
      watch: () => () => Promise.resolve(),
    },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  })
  return {
    policies,
    vault,
    meter: SILENT_METER,
    recorder: SILENT_RECORDER,
    uses: NO_USES,
    shadow: NO_SHADOWS,
  }
}
