/** `Symbol.asyncDispose`, where the program is compiled for a platform that has it. */
type AsyncDisposeKey = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? Key
  : never

/** What `await using` needs, where the platform and the compiler know it. */
export type AsyncDisposal = { readonly [Key in AsyncDisposeKey]: () => Promise<void> }

/** The member by which `await using` ends something; nothing on a platform without it. */
export const asyncDisposal = (dispose: () => void | Promise<void>): AsyncDisposal => {
  const { asyncDispose } = Symbol as { readonly asyncDispose?: symbol }
  return (asyncDispose && { [asyncDispose]: async () => dispose() }) as AsyncDisposal
}
