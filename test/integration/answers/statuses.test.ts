import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  GUEST_STATUS_WORDS,
  GUEST_STATUSES,
  guestStatus,
  NODE_STATUSES,
  STORAGE_STATUSES,
} from '../../../src/model/status.ts';
import { ourTime } from '../../../src/model/time.ts';
import type { Guest } from '../../support/answer.ts';
import { type PostgresServer, startPostgres } from '../../support/database-postgres.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import type { PveRow } from '../../support/pve-row.ts';
import { SOAK } from '../../support/soak.ts';

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

const FACETS = { facets: ['inventory' as const] };

describe.each(['sqlite', 'postgresql'] as const)('on %s', engine => {
  let lab: Lab;
  const start = async () => {
    lab = await startLab({
      discovered: true,
      guests: 16,
      ...(engine === 'postgresql' && { databaseUrl: await postgres.createStore() }),
    });
  };

  /** Makes a guest show a status, in the listing and by itself. */
  const show = (type: 'qemu' | 'lxc', vmid: number, status: string) => {
    const alter = (change: (row: PveRow) => void) => change;
    lab.sim.faults.add({
      match: '/cluster/resources',
      kind: 'alter',
      alter: (rows: PveRow[]) => {
        for (const row of rows) if (row.id === `${type}/${vmid}`) row.status = status;
      },
    });
    lab.sim.faults.add({
      match: new RegExp(`/${type}/${vmid}/status/current$`),
      kind: 'alter',
      alter: alter(row => {
        if (type === 'lxc') row.status = status;
        else Object.assign(row, { status: status === 'stopped' ? 'stopped' : 'running', qmpstatus: status });
      }),
    });
  };

  const runningOf = (type: 'qemu' | 'lxc') =>
    lab.sim.world.find({ type, node: 'pve1', status: 'running', ha: false, template: false })[0]!;
  const moment = async () => new Date((await lab.store.lastCommit())!.at + 1).toISOString();
  const found = async (type: 'vm' | 'container', args: object): Promise<Guest[]> =>
    type === 'vm'
      ? (await lab.call('list_vms', args)).vms
      : (await lab.call('list_containers', args)).containers;
  const idsOf = (rows: Guest[]) => rows.map(row => row.vmid);
  const lasting = Object.keys(GUEST_STATUSES).filter(
    word => !GUEST_STATUSES[word]!.passing && word !== 'unknown',
  );

  describe('one guest after another', () => {
    beforeAll(start);
    afterAll(() => lab.close());
    afterEach(async () => {
      lab.sim.faults.clear();
      lab.sim.clock.advance(31_000);
      await lab.discover(FACETS);
    });

    const shown = [
      ...lasting.filter(word => word !== 'frozen').map(word => ['qemu', word] as const),
      ...['running', 'stopped', 'frozen'].map(word => ['lxc', word] as const),
      ['qemu', 'a-status-of-tomorrow'] as const,
    ];
    // Every third word on PostgreSQL, which is asked with the same conditions; all of them in the soak.
    test.each(
      shown.filter((_, at) => SOAK || engine === 'sqlite' || at % 3 === 0),
    )('%s: %s is found by its words now, on later pages and at a past moment, counted and told', async (kind, word) => {
      const type = kind === 'qemu' ? 'vm' : 'container';
      const vmid = runningOf(kind);
      show(kind, vmid, word);
      lab.sim.clock.advance(31_000);
      await lab.discover(FACETS);
      expect((await lab.store.guest(type, vmid))!.status).toBe(word);
      const at = await moment();
      const { called } = guestStatus(word);
      for (const [n, asked] of GUEST_STATUS_WORDS.entries()) {
        const means = asked === word || asked === called;
        const old = { max_age_seconds: 3_600, status: asked, limit: 500 };
        expect(idsOf(await found(type, old)).includes(vmid), `${asked} now`).toBe(means);
        // Of the words that do not mean it every third, others with each status; all in the soak.
        if (!SOAK && !means && (n + shown.findIndex(([, one]) => one === word)) % 3 !== 0) continue;
        expect(idsOf(await found(type, { ...old, at })).includes(vmid), `${asked} then`).toBe(means);
      }
      const [row] = (await found(type, { max_age_seconds: 3_600, limit: 500 })).filter(
        one => one.vmid === vmid,
      );
      expect(row).toMatchObject({ status: word });

      // What has a process has its memory counted.
      const nodes = await lab.call('list_nodes', { max_age_seconds: 3_600 });
      const guests = [...(await lab.store.guests('vm')).rows, ...(await lab.store.guests('container')).rows];
      const counted = guests.filter(
        one =>
          one.nodeId === 'pve1' &&
          (one.type === type && one.id === vmid ? guestStatus(word).process : one.status === 'running'),
      );
      const bytes = counted.reduce((sum, one) => sum + (one.memoryBytes ?? 0), 0);
      const node = nodes.nodes.find(one => one.node === 'pve1')!;
      expect(node.allocated_memory_gib).toBeCloseTo(bytes / 2 ** 30, 1);
      const full = await found(type, { max_age_seconds: 3_600, limit: 500, detail: 'full' });
      expect('uptime_seconds' in full.find(one => one.vmid === vmid)!).toBe(guestStatus(word).process);

      const status = await lab.call('get_cluster_status', { max_age_seconds: 3_600 });
      const counts = type === 'vm' ? status.vms : status.containers;
      expect(new Map(Object.entries(counts)).get(word)).toBeGreaterThan(0);
      const trouble = status.attention.find(one => String(one.what).startsWith(`${type}/${vmid}`));
      if (guestStatus(word).trouble) expect(trouble).toMatchObject(guestStatus(word).trouble!);
      else expect(trouble).toBeUndefined();
    });
  });

  // In one cluster, one after another.
  describe('in a cluster of their own', () => {
    beforeAll(start);
    afterAll(() => lab.close());

    // What is stored and refused hangs on no engine.
    if (SOAK || engine === 'sqlite')
      test('a status that passes by itself is not stored, so no filter offers it', async () => {
        const vmid = runningOf('qemu');
        for (const word of Object.keys(GUEST_STATUSES).filter(one => GUEST_STATUSES[one]!.passing)) {
          show('qemu', vmid, word);
          lab.sim.clock.advance(31_000);
          await lab.discover(FACETS);
          expect((await lab.store.guest('vm', vmid))!.status).toBe('running');
          expect(GUEST_STATUS_WORDS).not.toContain(word);
          await expect(lab.call('list_vms', { status: word })).rejects.toThrow('expected one of running');
          lab.sim.faults.clear();
        }
      });

    test('a VM suspended to disk is suspended, not stopped, takes no memory, and is told with what to do', async () => {
      const vmid = runningOf('qemu');
      lab.sim.world.suspend(vmid, { toDisk: true });
      lab.sim.clock.advance(31_000);
      await lab.discover();
      const at = await moment();
      for (const when of [{}, { at }]) {
        const args = { max_age_seconds: 3_600, limit: 500, ...when };
        expect(idsOf(await found('vm', { ...args, status: 'suspended' }))).toEqual([vmid]);
        expect(idsOf(await found('vm', { ...args, status: 'hibernated' }))).toEqual([vmid]);
        expect(idsOf(await found('vm', { ...args, status: 'stopped' }))).not.toContain(vmid);
        const [row] = await found('vm', { ...args, status: 'suspended' });
        expect(row).toMatchObject({ status: 'suspended', lock: 'suspended' });
      }
      const status = await lab.call('get_cluster_status', { max_age_seconds: 3_600 });
      expect(status.vms).toMatchObject({ suspended: 1 });
      expect(status.attention).toContainEqual(
        expect.objectContaining({ why: 'suspended to disk', next: expect.stringContaining('start it') }),
      );
      const full = await found('vm', { max_age_seconds: 3_600, status: 'suspended', detail: 'full' });
      expect(full[0]).not.toHaveProperty('uptime_seconds');
    });

    test('tasks in every status a filter offers', async () => {
      const stored = (await lab.store.tasks()).rows;
      const [one] = stored;
      const lease = await vi.waitUntil(() => lab.store.acquireLease('test', 60_000));
      const run = await lab.store.startRun(['tasks']);
      const ended = { ok: 'OK', warning: 'WARNINGS: 1', error: 'boom', running: null, unknown: null };
      const tasks = Object.entries(ended).map(([status, exitStatus], n) => ({
        ...one!,
        upid: one!.upid.replace(/^(UPID:[^:]+:)[^:]+/, `$1000000F${n}`),
        status,
        exitStatus,
      }));
      const commit = {
        runId: run.id,
        facet: 'tasks',
        observedAt: ourTime(Number(one!.startTime)),
        complete: true,
      } as const;
      await lab.store.commitFacet(lease, commit, writer => writer.upsertTasks(tasks));
      await lab.store.releaseLease(lease);
      for (const task of tasks) {
        const rows = (
          await lab.call('list_tasks', { max_age_seconds: 31_000_000, result: task.status, limit: 500 })
        ).tasks;
        expect(
          rows.map(row => row.upid),
          task.status,
        ).toContain(task.upid);
        const others = tasks.filter(
          other => other.status !== task.status && !(task.status === 'ok' && other.status === 'warning'),
        );
        for (const other of others) expect(rows.map(row => row.upid)).not.toContain(other.upid);
      }
    });

    test('unknown guests, nodes and storages in every status a filter offers', async () => {
      const [storage] = (await lab.store.storages()).filter(one => one.enabled && !one.shared);
      lab.sim.world.setStorageUnreachable(storage!.id, true, ['pve1']);
      lab.sim.world.nodeDown('pve2');
      const disabled = (await lab.store.storages()).find(one => one.shared)!;
      lab.sim.world.setStorageDisabled(disabled.id, true);
      lab.sim.clock.advance(360_000);
      await lab.discover();
      const args = { max_age_seconds: 3_600, limit: 500 };
      for (const status of NODE_STATUSES) {
        const { nodes, hint } = await lab.call('list_nodes', { ...args, status });
        if (status === 'unknown') expect(nodes.length > 0 || String(hint).includes('unknown')).toBe(true);
        else expect(nodes.length, status).toBeGreaterThan(0);
        for (const row of nodes) expect(row.status).toBe(status);
      }
      for (const status of STORAGE_STATUSES) {
        const rows = (await lab.call('list_storage', { ...args, status })).storage;
        expect(rows.length, status).toBeGreaterThan(0);
        for (const row of rows) expect(row.status).toMatch(new RegExp(`^${status}`));
      }
      const unknown = await found('vm', { ...args, status: 'unknown' });
      expect(unknown.length).toBeGreaterThan(0);
      for (const row of unknown) expect(row.node).toBe('pve2');
    });
  });
});
