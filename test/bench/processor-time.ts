/** Milliseconds for which this thread had a processor: what else runs on the machine is not counted. */
export const processorMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
