import { expect, it } from 'vitest';
import { openStore } from '../../../src/database/index.ts';
import type { GuestConfig } from '../../../src/model/state.ts';
import { ourTime } from '../../../src/model/time.ts';
import { onBothEngines } from '../../support/database-engine.ts';
import { startWriting } from '../../support/database-fixtures.ts';

const CONFIGS: GuestConfig[] = [
  {},
  { onboot: 1, cpu: { cputype: 'host', flags: '+aes' }, memory: 2048, 'allow-ksm': 0 },
  {
    vga: { memory: 64, type: 'qxl' },
    net0: { bridge: 'vmbr0', model: 'virtio', tag: 20 },
    net12: { bridge: 'vmbr1' },
  },
  // What looks like a key within a text is none.
  {
    description: '"net0":{"tag":7},"onboot":1 } { \\"net1\\":\\"x',
    scsi0: { volume: 'a:"}{",net0' },
    serial0: 'socket',
  },
  { scsi1: 'not, a property string', ide2: { media: 'cdrom', volume: 'none' }, onboot: 0 },
];

onBothEngines('configurations in part', engine => {
  it('have just the keys and devices that were asked for', async () => {
    const store = await openStore(engine.options(await engine.newStore()));
    const { commit } = await startWriting(store);
    await commit(writer =>
      writer.upsertConfigs(
        CONFIGS.map((config, at) => ({
          type: 'vm',
          id: 100 + at,
          config,
          pending: {},
          snapshots: {},
          observedAt: ourTime(1),
        })),
      ),
    );
    for (const keys of [
      [],
      ['onboot'],
      ['memory', 'cpu', 'allow-ksm'],
      ['net*'],
      ['scsi*', 'ide*', 'serial*', 'rootfs', 'onboot'],
    ]) {
      const wanted = CONFIGS.map((config, at) => ({
        id: 100 + at,
        config: Object.fromEntries(
          Object.entries(config).filter(
            ([key]) => keys.includes(key) || keys.includes(key.replace(/\d+$/, '*')),
          ),
        ),
      }));
      const read = await store.configValues('vm', keys);
      expect(read.sort((a, b) => a.id - b.id)).toEqual(wanted);
    }
    expect(await store.configValues('container', ['onboot', 'net*'])).toEqual([]);
    // Of devices in part, nothing but what was asked for, and one object where that is the same.
    const inPart = await store.configValues('vm', [
      'net*.tag',
      'scsi*.volume:',
      'ide*.volume~none',
      'ide*.media',
    ]);
    const cloudless = await store.configValues('vm', ['ide*.volume~cloudinit', 'onboot']);
    expect(new Map(inPart.map(({ id, config }) => [id, config]))).toEqual(
      new Map<number, GuestConfig>([
        [100, {}],
        [101, {}],
        [102, { net0: { tag: 20 }, net12: {} }],
        [103, { scsi0: { volume: 'a:...' } }],
        [104, { scsi1: 'not, a property string', ide2: { media: 'cdrom', volume: 'none' } }],
      ]),
    );
    expect(cloudless.map(({ config }) => config)).toEqual([
      {},
      { onboot: 1 },
      {},
      {},
      { ide2: {}, onboot: 0 },
    ]);
    await store.close();
  });
});
