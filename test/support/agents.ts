/** What a process that decides by itself reports; it has decided nothing yet, if nothing else is said. */
export const agentReport = (agent: string, fields: object = {}) => ({
  agent,
  software: null,
  language: 1,
  revision: 'r'.repeat(43),
  heads: [],
  started_at: '2026-01-01T00:00:00.000Z',
  allowed: 0,
  denied: 0,
  denials: [],
  ...fields,
})
