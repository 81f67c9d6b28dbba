import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Runtime } from '../../../src/app/runtime.ts';
import { watch } from '../../../src/app/watch.ts';
import { createLog } from '../../../src/log.ts';
import { type Lab, startLab } from '../../support/lab.ts';

let lab: Lab;
beforeEach(async () => {
  lab = await startLab({ guests: 5 });
});
afterEach(() => lab.close());

/** Watches the lab for as many turns as there are acts, each done before its turn, and gives the lines it logged. */
async function linesOf(acts: (() => void)[]): Promise<string[]> {
  const lines: string[] = [];
  const done = new AbortController();
  const open = async () => {
    lab.sim.clock.advance(60_000);
    acts.shift()?.();
    if (acts.length === 0) done.abort();
    return lab;
  };
  const log = createLog('info', line => lines.push(line.replace(/^\S+ /, '').trim()));
  await watch({ log, config: { historyDays: 0 }, open } as unknown as Runtime, 0.01, done.signal);
  return lines;
}

// Kills: a line each turn of a night in which the cluster is down, among which nothing else is found.
test('an outage is told once when it begins, once when it changes, and once when it ends', async () => {
  const { faults } = lab.sim;
  const nothing = () => {};
  const answering = (status: number) => () => {
    faults.clear();
    faults.add({ match: /./, kind: 'status', status, reason: 'out of order' });
  };
  const lines = await linesOf([
    ...[nothing, answering(595), nothing, nothing, answering(401), nothing],
    ...[() => faults.clear(), nothing, answering(595), () => faults.clear(), nothing],
  ]);
  expect(lines.map(line => line.replace(/ (?:error|run)=.*$/, '').replace(/\d+$/, 'N'))).toEqual([
    'info discovered',
    'error discovery failed, and is tried again each turn',
    'error discovery failed, and is tried again each turn',
    'info discovery works again failures=5 outage_seconds=N',
    'info discovered',
    'error discovery failed, and is tried again each turn',
    'info discovery works again failures=1 outage_seconds=N',
    'info discovered',
  ]);
});
