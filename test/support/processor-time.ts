/**
 * Processor time that this thread spends on one call (ms): unlike the time on the wall, it hardly depends on what else a
 * machine does.
 */
export function processorTime(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  return since(before);
}

/** As {@link processorTime}, of a call that is awaited. */
export async function processorTimeOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  return since(before);
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
