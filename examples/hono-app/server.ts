import { serve } from '@hono/node-server'
import { createApp } from './app.ts'

const { AUTHCTL_URL = 'http://127.0.0.1:8000', AUTHCTL_ISSUER = AUTHCTL_URL, PORT = '3000' } = process.env
const { SHOP_USERNAME: username, SHOP_PASSWORD: password } = process.env
if (username === undefined || password === undefined)
  throw new Error('set SHOP_USERNAME and SHOP_PASSWORD: an admin above those who use the shop')

const { fetch } = await createApp({ issuer: AUTHCTL_ISSUER, baseUrl: AUTHCTL_URL, username, password })
serve({ fetch, port: Number(PORT), hostname: '127.0.0.1' })
process.stdout.write(`the shop is at http://127.0.0.1:${PORT}\n`)
