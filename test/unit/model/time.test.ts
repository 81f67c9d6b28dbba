import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { clusterTime } from '../../../src/discovery/common/clock.ts';
import {
  type ClusterTime,
  fromNodeTime,
  type NodeTime,
  nodeTime,
  type OurTime,
} from '../../../src/model/time.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NOW: OurTime = 1_800_000_000_000;

test('a moment of one clock is none of another one', () => {
  const read: OurTime = NOW;
  // @ts-expect-error what we read is not dated by the cluster
  const dated: ClusterTime = read;
  const cluster: ClusterTime = clusterTime({ clockOffset: () => 60_000 }, read);
  // @ts-expect-error a node has a clock of its own
  const told: NodeTime = cluster;
  // @ts-expect-error the cluster's time is no time of ours: turning it once more would move it twice
  const twice = clusterTime({ clockOffset: () => 60_000 }, cluster);
  expect([dated, told, twice]).toEqual([NOW, NOW + 60_000, NOW + 120_000]);
});

test("a moment that a node tells is the same one in the cluster's time and back", () => {
  const moment = Number(NOW);
  const told = nodeTime(moment, 5_000);
  expect(told).toBe(moment + 5_000);
  expect(fromNodeTime(told, 5_000)).toBe(moment);
});

test('nowhere is a moment said to be of another clock than it is', () => {
  const found = ['src', 'tools', 'resources', 'prompts'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts') && !path.includes('generated'))
      .filter(path =>
        /\bas (?:OurTime|ClusterTime|NodeTime)\b/.test(readFileSync(join(ROOT, folder, path), 'utf8')),
      )
      .map(path => `${folder}/${path}`),
  );
  expect(found, 'Turn it into the other one in src/discovery/common/clock.ts.').toEqual([]);
});
