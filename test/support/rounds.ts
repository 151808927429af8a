/** How often a race of 1000 is repeated; the bar (security.md A4, D2) is twenty: `RACE_ROUNDS=20 npx vitest run test/security`. */
export const RACE_ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 4)
