import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type ClusterTime,
  clusterTime,
  earliest,
  fromNodeTime,
  later,
  type NodeTime,
  nodeTime,
  type OurTime,
  ourTime,
  toClusterTime,
  toNodeTime,
  toOurTime,
} from '../../../src/model/time.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const NOW = ourTime(1_800_000_000_000);

test('a moment of one clock is none of another one, and no number is one', () => {
  // @ts-expect-error what we read is not dated by the cluster
  const dated: ClusterTime = NOW;
  // @ts-expect-error nor is what is reckoned from it, until somebody says whose it is
  const reckoned: OurTime = NOW + 1;
  // @ts-expect-error and nobody can say that of what is another clock's
  const claimed = clusterTime(NOW);
  const cluster = toClusterTime(NOW, 60_000);
  // @ts-expect-error a node has a clock of its own
  const told: NodeTime = cluster;
  // @ts-expect-error the cluster's time is no time of ours: turning it once more would move it twice
  const twice = toClusterTime(cluster, 60_000);
  // @ts-expect-error two clocks' moments have no order
  const first = earliest(NOW, cluster);
  expect([dated, reckoned, claimed, told, twice, first]).toEqual([
    NOW,
    NOW + 1,
    NOW,
    NOW + 60_000,
    NOW + 120_000,
    NOW,
  ]);
});

test('a moment is the same one by another clock and back', () => {
  const ms = fc.integer({ min: 10 ** 9, max: 2 * 10 ** 12 });
  fc.assert(
    fc.property(ms, fc.integer({ min: -(10 ** 8), max: 10 ** 8 }), (at, ahead) => {
      expect(toOurTime(toClusterTime(ourTime(at), ahead), ahead)).toBe(at);
      expect(fromNodeTime(toNodeTime(clusterTime(at), ahead), ahead)).toBe(at);
      // Clocks that are not known to differ are taken for one.
      expect(toClusterTime(ourTime(at), ahead) === at).toBe(Math.abs(ahead) < 2_000);
      expect(later(nodeTime(at), ahead)).toBe(at + ahead);
    }),
  );
});

test('nowhere is a moment said to be of another clock than it is', () => {
  const found = ['src', 'tools', 'resources', 'prompts'].flatMap(folder =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.ts') && !path.includes('generated') && path !== 'model/time.ts')
      .filter(path =>
        /\bas (?:OurTime|ClusterTime|NodeTime)\b/.test(readFileSync(join(ROOT, folder, path), 'utf8')),
      )
      .map(path => `${folder}/${path}`),
  );
  expect(found, 'Turn it into the other one by what src/model/time.ts has.').toEqual([]);
});
