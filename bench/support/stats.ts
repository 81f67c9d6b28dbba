/** The value below which this part of the samples lies. */
export function percentile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);
export const minimum = (samples: readonly number[]): number => Math.min(...samples);

/** How long the work takes, each of these times (ms). */
export async function timed(times: number, work: (round: number) => unknown): Promise<number[]> {
  return (await costs(times, work)).ms;
}

/** What the work takes each time, by the clock and of this process's own CPU time (ms), which others' work makes no longer. */
export async function costs(times: number, work: (round: number) => unknown) {
  const ms: number[] = [];
  const cpuMs: number[] = [];
  for (let round = 0; round < times; round++) {
    const started = performance.now();
    const cpu = process.cpuUsage();
    await work(round);
    const { user, system } = process.cpuUsage(cpu);
    ms.push(performance.now() - started);
    cpuMs.push((user + system) / 1000);
  }
  return { ms, cpuMs };
}
