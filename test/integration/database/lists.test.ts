import { beforeAll, expect, it } from 'vitest';
import { type DatabaseStore, ValidationError } from '../../../src/database/index.ts';
import type { GuestFilter, Sort, TaskFilter } from '../../../src/model/filter.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { aGuest, aNode, aTask, startWriting } from '../../support/database-fixtures.ts';

onBothEngines('lists', engine => {
  let store: DatabaseStore;
  beforeAll(async () => {
    store = await engine.open();
    const { commit } = await startWriting(store);
    await commit(async writer => {
      await writer.upsertNodes([aNode('pve1'), aNode('pve2')]);
      await writer.upsertGuests('vm', [
        aGuest(101, { name: 'Web-1', tags: ['Prod', 'web'], cpuUsage: 0.5 }),
        aGuest(102, { name: 'web_2', tags: ['dev'], nodeId: 'pve2', cpuUsage: null, status: 'stopped' }),
        aGuest(103, { name: 'db', tags: [], pool: 'data', template: true, cpuUsage: 0.9 }),
        aGuest(104, { name: null, status: null, tags: ['production'], cpuUsage: 0.1 }),
        aGuest(105, { name: '100%', tags: ['a"b\\c'], cpuUsage: 0.5 }),
      ]);
      await writer.upsertTasks([
        aTask(1),
        aTask(2, { status: 'error', exitStatus: 'boom', user: 'ann@pve' }),
        aTask(3, { type: 'vzdump', nodeId: 'pve2', resourceId: '102', user: 'ann@pam', tokenId: 'ci' }),
        aTask(4, { status: 'running', endTime: null, exitStatus: null }),
      ]);
    });
  });

  const ids = async (filter: GuestFilter, sort?: Sort) =>
    (await store.guests('vm', filter, sort)).rows.map(({ id }) => id);

  it.each<[GuestFilter, number[]]>([
    [{}, [101, 102, 103, 104, 105]],
    [{ node: 'pve2' }, [102]],
    [{ status: 'running' }, [101, 103, 105]],
    [{ pool: 'data' }, [103]],
    [{ template: true }, [103]],
    [{ template: false, node: 'pve1' }, [101, 104, 105]],
    [{ name: 'WEB' }, [101, 102]],
    [{ name: 'w*1' }, [101]],
    [{ name: '*2' }, [102]],
    [{ name: 'b_2' }, [102]],
    [{ name: '_' }, [102]],
    [{ name: '%' }, [105]],
    [{ name: '*' }, [101, 102, 103, 105]],
    [{ tag: 'prod' }, [101]],
    [{ tag: 'WEB', name: 'web' }, [101]],
    [{ tag: 'a"b\\c' }, [105]],
    [{ tag: "x' OR 1=1 --" }, []],
  ])('of guests with $0 hold $1', async (filter, expected) => {
    expect(await ids(filter)).toEqual(expected);
  });

  it('are sorted by any plain field, absent facts last, ties by id', async () => {
    expect(await ids({}, { by: 'cpuUsage', order: 'desc' })).toEqual([103, 105, 101, 104, 102]);
    expect(await ids({}, { by: 'cpuUsage', order: 'asc' })).toEqual([104, 101, 105, 103, 102]);
    expect(await ids({}, { by: 'name', order: 'asc' })).toEqual([105, 103, 101, 102, 104]);
    expect(await ids({}, { by: 'id', order: 'desc' })).toEqual([105, 104, 103, 102, 101]);
    await expect(ids({}, { by: 'id; DROP TABLE vms', order: 'asc' })).rejects.toThrow(ValidationError);
    await expect(ids({}, { by: 'tags', order: 'asc' })).rejects.toThrow(/must be one of/);
  });

  it('come in pages, with how many there are in all', async () => {
    const page = await store.guests(
      'vm',
      { template: false },
      { by: 'id', order: 'asc' },
      { limit: 2, offset: 1 },
    );
    expect(page.rows.map(({ id }) => id)).toEqual([102, 104]);
    expect(page.total).toBe(4);
    expect(await store.guests('vm', {}, undefined, { limit: 0 })).toEqual({ rows: [], total: 5 });
    for (const limit of [-1, 1.5, Number.NaN]) {
      await expect(store.guests('vm', {}, undefined, { limit })).rejects.toThrow(ValidationError);
    }
  });

  const start = aTask(0).startTime;
  it.each<[TaskFilter, number[]]>([
    [{}, [4, 3, 2, 1]],
    [{ resource: { type: 'vm', id: '101' } }, [4, 2, 1]],
    [{ node: 'pve2' }, [3]],
    [{ user: 'ann@pve' }, [2]],
    [{ user: 'ann' }, [3, 2]],
    [{ user: 'ann@pam!ci' }, [3]],
    [{ user: 'ann!ci' }, [3]],
    [{ user: 'ann@pve!ci' }, []],
    [{ user: 'an_' }, []],
    [{ types: ['vzdump', 'none'] }, [3]],
    [{ types: [] }, []],
    [{ statuses: ['error', 'running'] }, [4, 2]],
    [{ since: start + 2_200 }, [4, 3, 2]],
    [{ since: start + 2_600 }, [4, 3]],
    [{ until: start + 2_000 }, [2, 1]],
    [{ since: start + 9_000, until: start + 9_999 }, [4]],
  ])('of tasks with $0 hold $1', async (filter, expected) => {
    const { rows, total } = await store.tasks(filter);
    expect(rows.map(({ startTime }) => (startTime - start) / 1000)).toEqual(expected);
    expect(total).toBe(expected.length);
    expect((await store.tasks(filter, undefined, { limit: 1 })).total).toBe(expected.length);
  });
});
