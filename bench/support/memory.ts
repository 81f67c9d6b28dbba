import { readFileSync } from 'node:fs';

/** Resident memory of a process now and at its peak, in MB. Linux tells; elsewhere only our own is known. */
export function memory(pid: number | 'self' = 'self'): { now: number; peak: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
    return { now: of('VmRSS'), peak: of('VmHWM') };
  } catch {
    return { now: process.memoryUsage.rss() / 2 ** 20, peak: process.resourceUsage().maxRSS / 1024 };
  }
}

/** Seconds of CPU a process has used so far, in user and kernel mode. Linux only. */
export function cpuSeconds(pid: number): number {
  // The name before them may hold anything but ends with the last bracket; ticks are hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
