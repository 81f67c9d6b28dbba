import { expect } from 'vitest';
import { type Family, question } from '../question.ts';
import { keyOf, ODD } from '../stage.ts';

/** How things are now. */
export const present: Family = {
  title: 'How things are',
  questions: [
    question({
      ask: 'How is my cluster?',
      calls: [['get_cluster_status', {}]],
      tells:
        'Quorum, nodes and guests by status, how much is in use, running and failed tasks, and what needs attention.',
      check: ([status], { guests }) => {
        expect(status).toMatchObject({ name: 'lab', quorate: true, nodes: { total: 3, online: 3 } });
        const count = (type: string, is: string) =>
          guests.filter(one => one.type === type && !one.template && one.status === is).length;
        expect(status.vms).toMatchObject({
          running: count('qemu', 'running'),
          stopped: count('qemu', 'stopped'),
        });
        expect(status.vms.templates).toBe(guests.filter(one => one.template).length);
        expect(status.containers.running).toBe(count('lxc', 'running'));
        const attention = status.attention.map(row => row.what);
        expect(attention).toEqual(
          expect.arrayContaining([`vm/${ODD.locked} (k8s-master02)`, 'vm/109', 'vm/106']),
        );
      },
    }),
    question({
      ask: 'Which VMs are switched off?',
      calls: [['list_vms', { status: 'stopped', template: false }]],
      tells: 'Each VM that is off with its node, tags and sizes.',
      check: ([{ vms, total }], { guests }) => {
        const off = guests.filter(one => one.type === 'qemu' && one.status === 'stopped' && !one.template);
        expect(vms.map(row => row.vmid).sort()).toEqual(off.map(one => one.vmid).sort());
        expect(total).toBe(off.length);
      },
    }),
    question({
      ask: 'What runs on pve2?',
      calls: [['get_resource', { resource: 'node/pve2' }]],
      tells: 'Its guests by name, its load, memory and version, and since when it is up.',
      check: ([{ resource }], { guests }) => {
        const there = guests.filter(one => one.node === 'pve2').map(one => keyOf(one));
        expect(resource.guest_names.map(name => name.split(' ')[0]).sort()).toEqual(there.sort());
        expect(resource.status).toBe('online');
      },
    }),
    question({
      ask: 'Which node has the most memory left?',
      calls: [['list_nodes', { show: ['memory_free_gib'], sort: 'memory_percent', order: 'asc' }]],
      tells: 'Each node with what it has, what is free, and what its running guests were promised.',
      check: ([{ nodes }]) => {
        const percents = nodes.map(row => row.memory_percent);
        expect(percents).toEqual(percents.toSorted((a, b) => a - b));
        expect(nodes.every(row => row.memory_gib > 0 && row.allocated_memory_gib >= 0)).toBe(true);
        for (const row of nodes)
          expect(row.memory_free_gib).toBeCloseTo(row.memory_gib * (1 - row.memory_percent / 100), -1);
      },
    }),
    question({
      ask: 'How full are my storages?',
      calls: [['list_storage', { sort: 'used_percent', order: 'desc' }]],
      tells: 'Each storage, local ones for each node, with size and use, the fullest first.',
      check: ([{ storage }]) => {
        const used = storage.flatMap(row => row.used_percent ?? []);
        expect(used).toEqual(used.toSorted((a, b) => b - a));
        expect(storage.filter(row => row.storage === 'nas')).toHaveLength(1);
        expect(storage.filter(row => row.storage === 'local-zfs')).toHaveLength(3);
        expect(storage.find(row => row.storage === 'old-nas')!.status).toBe('disabled');
      },
    }),
    question({
      ask: 'Tell me everything about web01.',
      calls: [['get_resource', { resource: 'web01' }]],
      tells: 'Its configuration, addresses, snapshots, backups, high availability, tasks and history.',
      check: ([{ resource }], { guests }) => {
        const web = guests.find(one => one.name === 'web01')!;
        expect(resource).toMatchObject({
          resource: keyOf(web),
          node: web.node,
          status: web.status,
          pool: 'prod',
        });
        expect(resource.snapshots.map(one => one.name).sort()).toEqual([...web.snapshots].sort());
        expect(resource.backups.count).toBeGreaterThan(0);
      },
    }),
    question({
      ask: 'Which machines are tagged k8s?',
      calls: [['list_vms', { tag: 'k8s' }]],
      tells: 'The VMs with that tag; a hint says whether containers have it too.',
      check: ([{ vms }], { guests }) => {
        const tagged = guests.filter(one => one.type === 'qemu' && one.tags.includes('k8s'));
        expect(vms.map(row => row.vmid).sort()).toEqual(tagged.map(one => one.vmid).sort());
      },
    }),
    question({
      ask: 'How was dev01 configured this morning?',
      calls: [['get_resource', { resource: 'dev01', at: '2026-11-20T08:20:00Z' }]],
      tells: 'Its configuration, status and snapshots as they were then.',
      check: ([{ resource }]) => {
        expect(resource.resource).toBe('vm/110');
        expect(resource.status).toBe('running');
        expect(JSON.stringify(resource)).not.toContain('before_update');
      },
    }),
  ],
};
