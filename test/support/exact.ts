import { expect } from 'vitest';
import {
  brokenChains,
  differencesFromTruth,
  inventedChanges,
  rowsBesideHistory,
  untoldDifferences,
  windowsBesideTruth,
} from './compare-truth.ts';
import type { Lab } from './lab.ts';
import { overcounted } from './random-life.ts';

/**
 * History adds up: every difference between two kept states is told, nothing else is, each in a window that holds the moment
 * at which it happened; and the store's present is the cluster's.
 */
export async function expectExact({ store, sim }: Pick<Lab, 'store' | 'sim'>): Promise<void> {
  const versions = await store.versions({});
  expect([
    ...inventedChanges(versions, sim.truth.events),
    ...overcounted(versions, sim.truth.events),
    ...windowsBesideTruth(versions, sim.truth.events),
    ...(await brokenChains(store)),
    ...(await untoldDifferences(store)),
    ...(await rowsBesideHistory(store)),
    ...(await differencesFromTruth(store, sim)),
  ]).toEqual([]);
}

/** `started_at` of a guest as history has it, beside what its uptime tells (ms). */
export async function startedAt(
  { store, sim }: Pick<Lab, 'store' | 'sim'>,
  type: 'vm' | 'container',
  vmid: number,
): Promise<{ told: number | null; real: number | null }> {
  const guest = await store.guest(type, vmid);
  return { told: guest!.startedAt, real: sim.truth.state().guests[`${type}/${vmid}`]!.startedAt };
}
