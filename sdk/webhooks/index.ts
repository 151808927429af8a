export { WebhookError, type WebhookFault } from './fault.ts'
export { memoryRecord, type DeliveryRecord } from './record.ts'
export { createWebhooks, type Delivery, type Webhooks, type WebhooksOptions } from './webhooks.ts'
export type { CodeToSend, WebhookEvent } from './events.ts'
