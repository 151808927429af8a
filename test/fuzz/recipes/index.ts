import { ACCOUNT_RECIPES } from './accounts.ts'
import { CREDENTIAL_RECIPES } from './credentials.ts'
import type { Kitchen, Make, Recipe } from './kitchen.ts'
import { POLICY_RECIPES } from './policies.ts'

/** How each operation succeeds whose requests rarely do by chance. */
const RECIPES: Readonly<Record<string, Make>> = {
  ...ACCOUNT_RECIPES,
  ...CREDENTIAL_RECIPES,
  ...POLICY_RECIPES,
}

/** Makes requests that should succeed, of what the run knows; undefined where it knows too little yet. */
export const createRecipes = (
  about: Omit<Kitchen, 'count'>,
): ((operationId: string) => Recipe | undefined) => {
  let made = 0
  const kitchen = { ...about, count: () => made++ }
  return (operationId) => RECIPES[operationId]?.(kitchen)
}

export type { Recipe }
