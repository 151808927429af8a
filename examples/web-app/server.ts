import { createWebApp } from './app.ts'

const { AUTHCTL_URL = 'http://127.0.0.1:8000', PORT = '3000' } = process.env

const app = await createWebApp({ daemonUrl: AUTHCTL_URL })
app.listen(Number(PORT), '127.0.0.1', () => process.stdout.write(`the page is at http://127.0.0.1:${PORT}\n`))
