import { createClient, isAuthctlError, safe, webStorage } from '@authctl/sdk'

const client = createClient({
  baseUrl: globalThis.baseUrl,
  storage: webStorage(() => globalThis.localStorage),
})
globalThis.result = safe(client.system.info()).then(({ data, error }) =>
  isAuthctlError(error) ? error.code : data.status,
)
