/** The `Authorization` headers of a request of `node:http`, each: Node itself shows the first only. */
export const authorizationOf = (rawHeaders: readonly string[]): string[] => {
  const found: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2)
    // The length is looked at first: most names are others.
    if (rawHeaders[at]?.length === 13 && rawHeaders[at]?.toLowerCase() === 'authorization')
      found.push(rawHeaders[at + 1] ?? '')
  return found
}
