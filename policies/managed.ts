import type { PolicyDocument, Service } from './language.ts'
import admin from './managed/admin.json' with { type: 'json' }
import client from './managed/client.json' with { type: 'json' }
import inheritCreator from './managed/inherit-creator.json' with { type: 'json' }
import services from './managed/services.json' with { type: 'json' }
import subClient from './managed/sub-client.json' with { type: 'json' }
import superAdmin from './managed/super-admin.json' with { type: 'json' }
import user from './managed/user.json' with { type: 'json' }

/** Policies that come with authctl, as `authctl:Name`; nobody can change or delete them. */
export const MANAGED_POLICIES = [
  superAdmin,
  admin,
  client,
  subClient,
  user,
  inheritCreator,
] as readonly unknown[] as readonly PolicyDocument[]

/** The services of the daemon itself: what policies about it may name. Generated from its routes. */
export const OWN_SERVICES = services as readonly unknown[] as readonly Service[]
