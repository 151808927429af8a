import assert from 'node:assert/strict'
import type { Account, Attachments, PolicyDocument, ServiceDeclaration } from '@authctl/sdk'
import type { Question } from './face.ts'
import { example, type Journey, newcomer, refuses, shows, type Stage } from './journey.ts'

const orders = example<ServiceDeclaration>('policies/services/orders.json')
const clerk = example<PolicyDocument>('policies/documents/orders-clerk.json')
const readOnly = example<PolicyDocument>('policies/documents/read-only.json')
/** All attachments of the root: what a put leaves out is gone. */
const roles = example<Attachments>('../test/support/roles.json')
const invoices = JSON.parse(JSON.stringify(orders).replaceAll('orders', 'invoices')) as ServiceDeclaration

const shopOf = async ({ people: { root } }: Stage): Promise<Account> => {
  const shop = (await root.list('client', 50)).find(({ username }) => username === 'shop')
  assert.ok(shop !== undefined)
  return shop
}

/** May the shop refund this much? */
const refund = ({ id, parent_id }: Account, total: number): Question => ({
  action: 'orders:Refund',
  resource: `order/${String(parent_id)}/${id}/1`,
  principal: id,
  context: { 'orders.total': total },
})

/** How policies are put, attached, asked and taken away. */
export const POLICIES: readonly Journey[] = [
  {
    tells: 'services and policies are put, services first; the same again changes nothing',
    run: async ({ people: { root } }) => {
      await refuses(root.putPolicy(clerk), 'policy_invalid')
      shows(await root.putService(orders), { namespace: 'root' })
      for (const document of [clerk, readOnly]) assert.equal(await root.putPolicy(document), 'Policy created')
      assert.equal(await root.putPolicy(readOnly), 'Policy unchanged')
      const names = await root.policyNames()
      for (const name of ['authctl:Client', 'root/orders-clerk', 'root/read-only'])
        assert.ok(names.includes(name), `${name} is not in the list`)
      assert.deepEqual(await root.serviceNames(), ['orders'])
    },
  },
  {
    tells: 'attachments are replaced as a whole',
    run: async ({ people: { root } }) => {
      assert.equal((await root.putAttachments(roles)).length, 6)
    },
  },
  {
    tells: 'an admin declares services beside those of the root; a name that is taken above is refused',
    run: async ({ people: { admin } }) => {
      await refuses(admin.putService(orders), 'policy_invalid')
      await admin.putService(invoices)
      await admin.putService(invoices)
      assert.deepEqual((await admin.serviceNames()).sort(), ['invoices', 'orders'])
      await admin.deleteService('invoices')
      assert.deepEqual(await admin.serviceNames(), ['orders'])
    },
  },
  {
    tells: 'a client is created with a policy and may do what it says; a denial is explained',
    run: async ({ people: { root }, created: { admin } }) => {
      const shop = await root.create('client', newcomer('shop', { policies: ['orders-clerk'] }), admin.id)
      shows(shop, { parent_id: admin.id, policies: ['root/orders-clerk'], boundary: null })
      shows(await root.check(refund(shop, 500)), { decision: 'ALLOW', decision_id: null })
      const { decision, decision_id } = await root.check(refund(shop, 501))
      assert.equal(decision, 'DENY_IMPLICIT')
      const explained = await root.explain(String(decision_id))
      shows(explained, { principal: shop.id, action: 'orders:Refund', decided: 'DENY_IMPLICIT' })
      assert.match(JSON.stringify(explained), /orders-clerk.*SmallRefunds/)
      const { principal: _, ...anybody } = refund(shop, 1)
      const able = await root.whoCan(anybody)
      for (const id of [admin.id, shop.id]) assert.ok(able.includes(id))
    },
  },
  {
    tells: 'a boundary lowers an account at once, and is lifted again',
    run: async (stage) => {
      const shop = await shopOf(stage)
      const { root } = stage.people
      shows(await root.setBoundary(shop.id, 'read-only'), { boundary: 'root/read-only' })
      shows(await root.check(refund(shop, 1)), { decision: 'DENY_EXPLICIT' })
      shows(await root.setBoundary(shop.id, null), { boundary: null })
      shows(await root.check(refund(shop, 1)), { decision: 'ALLOW' })
    },
  },
  {
    tells: 'a policy in use is kept; it is detached and attached again, and an account goes with its own',
    run: async (stage) => {
      const shop = await shopOf(stage)
      const { root } = stage.people
      await refuses(root.deletePolicy('orders-clerk'), 'policy_in_use')
      shows(await root.detach(shop.id, 'orders-clerk'), { policies: [] })
      shows(await root.attach(shop.id, 'orders-clerk'), { policies: ['root/orders-clerk'] })
      await root.delete(shop.id)
      await refuses(root.get(shop.id), 'not_found')
    },
  },
]
