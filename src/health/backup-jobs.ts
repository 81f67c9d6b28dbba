import type { BackupJobFacts } from '../model/detail.ts';

/** What a backup job chooses guests by. */
export interface Backable {
  id: number;
  node: string;
  pool: string | null;
}

/** Whether a job includes this guest, enabled or not. */
export function selects(job: BackupJobFacts, guest: Backable): boolean {
  if (job.node !== null && job.node !== guest.node) return false;
  if (job.all) return !job.exclude.includes(guest.id);
  return job.vmids.includes(guest.id) || (job.pool !== null && job.pool === guest.pool);
}

/** Whether a job that is enabled backs up this guest. */
export function covers(job: BackupJobFacts, guest: Backable): boolean {
  return job.enabled && selects(job, guest);
}

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const NAMED: { [name: string]: number } = {
  minutely: 1,
  hourly: 1,
  daily: 1,
  weekly: 7,
  monthly: 31,
  quarterly: 92,
  semiannually: 184,
  yearly: 366,
  annually: 366,
};

/**
 * The longest pause (days) between two runs of a schedule, a calendar event as Proxmox VE writes them: `01:00`, `sat 03:00`,
 * `mon..fri 22:00`, `monthly`, `*-*-1 04:00`. One day if it names none.
 */
export function longestPauseDays(schedule: string | null): number {
  const text = (schedule ?? '').trim().toLowerCase();
  const named = NAMED[text];
  if (named !== undefined) return named;
  const date = /(?:^|\s)(?:[\d*]+-)?([\d*/,]+)-([\d*/,]+)(?:\s|$)/.exec(text);
  if (date !== null) {
    const [, month, day] = date;
    if (month !== '*' && !month!.includes('/')) return 366;
    if (day !== '*' && !day!.includes('/')) return 31;
  }
  const days = weekdaysOf(text);
  if (days.length === 0) return 1;
  const pauses = days.map((day, at) => ((days[(at + 1) % days.length]! - day + 6) % 7) + 1);
  return Math.max(...pauses);
}

function weekdaysOf(text: string): number[] {
  const days = new Set<number>();
  for (const [, from, to] of text.matchAll(
    /\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*(?:\.\.(mon|tue|wed|thu|fri|sat|sun))?/g,
  )) {
    const first = WEEKDAYS.indexOf(from!);
    const last = to === undefined ? first : WEEKDAYS.indexOf(to);
    for (let day = first; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}
