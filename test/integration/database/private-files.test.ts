import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import {
  backupStore,
  migrateStore,
  resetStore,
  restoreStore,
  rollbackStore,
  storeStatus,
} from '../../../src/database/maintenance/index.ts';
import { createLog } from '../../../src/log.ts';
import { onBothEngines, temporaryFolder } from '../../support/database-engine.ts';

/** Notes every mode that a file in a folder ever has: from a thread of its own, since SQLite keeps ours busy. */
const WATCHER = `
  const { parentPort, workerData: { folder, going } } = require('node:worker_threads');
  const { readdirSync, statSync } = require('node:fs');
  const seen = {};
  const look = () => {
    for (const name of readdirSync(folder)) {
      const stat = statSync(folder + '/' + name, { throwIfNoEntry: false });
      if (stat) (seen[name] ??= {})[(stat.mode & 0o777).toString(8)] = true;
    }
  };
  parentPort.postMessage('ready');
  while (Atomics.load(new Int32Array(going), 0) === 0) look();
  parentPort.postMessage(seen);`;

async function modesDuring(folder: string, work: () => Promise<unknown>): Promise<[string, string[]][]> {
  const going = new SharedArrayBuffer(4);
  const watcher = new Worker(WATCHER, { eval: true, workerData: { folder, going } });
  await once(watcher, 'message');
  await work();
  Atomics.store(new Int32Array(going), 0, 1);
  const [seen] = (await once(watcher, 'message')) as [{ [name: string]: object }];
  return Object.entries(seen).map(([name, modes]) => [name, Object.keys(modes)]);
}

onBothEngines('files are for their owner alone', engine => {
  const folder = temporaryFolder();
  let count = 0;
  let place: string;
  let umask: number;
  beforeEach(() => {
    place = join(folder.path(), `${engine.name}-${count++}`);
    umask = process.umask(0);
  });
  afterEach(() => process.umask(umask));

  const newStore = async () => {
    const url = engine.name === 'sqlite' ? `file:${join(place, 'store.db')}` : await engine.newUrl();
    return { ...engine.options(url), backupFolder: place };
  };

  it('from their first byte to their last, whatever the umask is, whatever is done to the store', async () => {
    const options = await newStore();
    const open = async () => {
      const store = await openStore(options);
      await store.saveNote('key', 'x'.repeat(100_000));
      return store;
    };
    await (await open()).close();
    mkdirSync(place, { recursive: true, mode: 0o700 });
    expect(statSync(place).mode & 0o777).toBe(0o700);
    const seen = await modesDuring(place, async () => {
      const store = await open();
      await backupStore(options, join(place, 'copy'));
      await restoreStore(options, join(place, 'copy'));
      await store.close();
      await rollbackStore(options);
      await migrateStore(options);
      await resetStore(options);
      await (await open()).close();
    });
    expect(seen.map(([name]) => name)).toContain('copy');
    expect(seen.length).toBeGreaterThan(3);
    const odd = seen.filter(([, modes]) => modes.join() !== '600');
    expect(odd).toEqual([]);
  });

  it('a backup goes through no link and over nothing', async () => {
    const options = await newStore();
    await (await openStore(options)).close();
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'victim'), 'mine');
    for (const name of ['copy', 'copy.partial', 'other'])
      symlinkSync(join(place, 'victim'), join(place, name));
    await expect(backupStore(options, join(place, 'copy'))).rejects.toMatchObject({ code: 'duplicate' });
    await expect(backupStore(options, join(place, 'victim'))).rejects.toMatchObject({ code: 'duplicate' });
    symlinkSync(join(place, 'victim'), join(place, 'third.partial'));
    await backupStore(options, join(place, 'third'));
    expect(readFileSync(join(place, 'victim'), 'utf8')).toBe('mine');
    expect(statSync(join(place, 'third')).size).toBeGreaterThan(100);
  });

  it('those that others may read are warned of at the start and told in the status', async () => {
    const options = await newStore();
    await (await openStore(options)).close();
    const kept = (await resetStore(options))!;
    expect((await storeStatus(options)).exposed).toEqual([]);
    const loose = engine.name === 'sqlite' ? [options.url.slice(5), kept] : [kept];
    for (const file of loose) chmodSync(file, 0o640);
    const lines: string[] = [];
    await (await openStore({ ...options, log: createLog('warn', line => lines.push(line)) })).close();
    const { exposed } = await storeStatus(options);
    expect(
      exposed
        .map(one => one.path)
        .filter(path => !/-(?:wal|shm)$/.test(path))
        .sort(),
    ).toEqual(loose.sort());
    for (const file of loose) {
      expect(lines.join('')).toContain(
        `other users of this machine may read ${file}, until you run chmod go-rwx ${file}`,
      );
      chmodSync(file, 0o600);
    }
    chmodSync(dirname(kept), 0o777);
    expect((await storeStatus(options)).exposed).toContainEqual({
      path: dirname(kept),
      may: 'write',
      mend: `chmod go-w ${dirname(kept)}`,
    });
  });
});
