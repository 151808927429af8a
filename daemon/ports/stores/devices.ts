import type { AccountId } from '../../domain/account.ts'
import type { Device, DevicePoll } from '../../domain/device.ts'

/** How somebody has decided about a device. */
export interface DeviceDecision {
  readonly id: string
  readonly state: 'approved' | 'denied'
  /** Who lets it in; null: nobody does. */
  readonly account: { readonly id: AccountId; readonly epoch: number } | null
  readonly now: number
}

/** How a question of a device ended. `approved` is answered once, with who lets it in. */
export type PollOutcome =
  | { readonly kind: 'absent' | 'expired' | 'denied' | 'pending' | 'too-soon' }
  | { readonly kind: 'approved'; readonly device: Device }

/** Keeps the devices that ask to be signed in. */
export interface DeviceStore {
  /** Inserts. False, and nothing is written: one that has not expired at its `createdAt` has this id. */
  insert(device: Device): Promise<boolean>
  get(id: string): Promise<Device | undefined>
  /**
   * Decides about a device that waits, by one conditional write: true for one decision only. False: there is
   * none, it has expired, or it was decided before.
   */
  decide(decision: DeviceDecision): Promise<boolean>
  /**
   * One question of a device, as `judgePoll` decides, in one conditional write; of parallel questions one is
   * answered `approved`.
   */
  poll(poll: DevicePoll): Promise<PollOutcome>
  /**
   * Denies every device that is let in for an account, also those that have their tokens: so what signs
   * one in at the same time finds it denied afterwards.
   */
  denyOf(accountId: AccountId): Promise<void>
}
