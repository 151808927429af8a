import { setTimeout as sleep } from 'node:timers/promises'
import { StoreFailure } from '../../daemon/ports/stores/index.ts'
import { openTestStore } from '../support/test-store.ts'

/**
 * A process that claims a job and sweeps limits one row at a time, slowly, for as long as it is the holder;
 * the test stops it in between. It reports each sweep before it waits, so that it can be stopped while it
 * holds no lock.
 */
const [dataDir = '', job = '', leaseMs = ''] = process.argv.slice(2)
const store = await openTestStore(dataDir)
const fence = await store.leases.claimSlot({ job, slot: 1, now: Date.now(), leaseMs: Number(leaseMs) })
if (fence === undefined) throw new Error('the slot is taken')

let swept = 0
try {
  for (;;) {
    swept += await store.leases.sweep('limits', fence, Date.now(), 1)
    process.send?.({ swept })
    await sleep(300)
  }
} catch (error) {
  if (!(error instanceof StoreFailure)) throw error
  process.send?.({ swept, failure: error.kind })
  await store.leases.release(fence)
  process.send?.({ released: true })
}
await store.close()
process.disconnect?.()
