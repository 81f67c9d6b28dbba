import { describe, expect, it } from 'vitest';
import { SimulatorClock } from '../../../src/simulator/clock.ts';
import { Faults } from '../../../src/simulator/faults.ts';
import { noise, Random } from '../../../src/simulator/prng.ts';
import { splitProperty, withPart } from '../../../src/simulator/property-string.ts';
import { Rights } from '../../../src/simulator/rights.ts';
import { Router } from '../../../src/simulator/router.ts';
import { routes } from '../../../src/simulator/routes/index.ts';
import { scrambledJson } from '../../../src/simulator/scramble.ts';

describe('random numbers', () => {
  it('repeat with the seed', () => {
    const [a, b] = [new Random(7), new Random(7)];
    expect([a.uuid(), a.mac(), a.int(1, 9)]).toEqual([b.uuid(), b.mac(), b.int(1, 9)]);
    expect(new Random(8).uuid()).not.toBe(new Random(7).uuid());
  });

  it('have the shapes of what they stand for', () => {
    const random = new Random(1);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(random.mac()).toMatch(/^BC:24:11(:[0-9A-F]{2}){3}$/);
    expect(random.shuffle([1, 2, 3]).sort()).toEqual([1, 2, 3]);
    expect(noise(1, 2)).toBe(noise(1, 2));
    expect(noise(1, 2)).toBeLessThan(1);
  });
});

describe('the clock', () => {
  it('stands still until told, and runs what was put off at its time and in order', () => {
    const clock = new SimulatorClock(1000);
    const seen: [string, number][] = [];
    clock.schedule(1500, () => seen.push(['b', clock.now()]));
    clock.schedule(1200, () => seen.push(['a', clock.now()]));
    const cancel = clock.schedule(1300, () => seen.push(['never', 0]));
    cancel();
    clock.advance(100);
    expect(seen).toEqual([]);
    clock.set(2000);
    expect(seen).toEqual([
      ['a', 1200],
      ['b', 1500],
    ]);
    clock.set(1000);
    expect(clock.now()).toBe(1000);
  });

  it('can run with real time', async () => {
    const clock = new SimulatorClock(1000);
    clock.followRealTime();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(clock.now()).toBeGreaterThan(1010);
    clock.stopFollowing();
    const stopped = clock.now();
    await new Promise(resolve => setTimeout(resolve, 10));
    expect(clock.now()).toBe(stopped);
  });
});

describe('property strings', () => {
  it('are split by the names PVE gives their parts', () => {
    expect(splitProperty('net0', 'virtio=BC:24:11:00:00:01,bridge=vmbr0,tag=20')).toEqual({
      model: 'virtio',
      macaddr: 'BC:24:11:00:00:01',
      bridge: 'vmbr0',
      tag: '20',
    });
    expect(splitProperty('scsi0', 'local-zfs:vm-1-disk-0,size=8G')).toEqual({
      file: 'local-zfs:vm-1-disk-0',
      size: '8G',
    });
    expect(splitProperty('rootfs', 'local:1/x.raw,size=4G')?.volume).toBe('local:1/x.raw');
    expect(splitProperty('agent', '1')).toEqual({ enabled: '1' });
    expect(splitProperty('description', 'a,b=c')).toBeUndefined();
  });

  it('can have one part changed', () => {
    expect(withPart('virtio=X,tag=1,firewall=1', 'tag', '2')).toBe('virtio=X,tag=2,firewall=1');
    expect(withPart('virtio=X', 'tag', '2')).toBe('virtio=X,tag=2');
    expect(withPart('virtio=X,tag=1', 'tag', undefined)).toBe('virtio=X');
  });
});

describe('rights', () => {
  const pools = new Map([[101, 'prod']]);
  const rights = (...acl: ConstructorParameters<typeof Rights>[0]): Rights =>
    new Rights(acl, vmid => pools.get(vmid));

  it('are inherited, and the nearest entry decides', () => {
    const some = rights({ path: '/', role: 'PVEAuditor' }, { path: '/vms/102', role: 'NoAccess' });
    expect(some.has('/vms/101', 'VM.Audit')).toBe(true);
    expect(some.has('/vms/102', 'VM.Audit')).toBe(false);
  });

  it('come through a pool to its guests alone', () => {
    const some = rights({ path: '/pool/prod', role: 'PVEVMUser' });
    expect(some.has('/vms/101', 'VM.Audit')).toBe(true);
    expect(some.has('/vms/102', 'VM.Audit')).toBe(false);
    expect(some.has('/pool/prod', 'Pool.Audit')).toBe(false);
  });

  it('stay on their path when they do not propagate, and are held all the same', () => {
    const some = rights({ path: '/vms', privs: ['VM.Audit'], propagate: false });
    expect(some.on('/vms').get('VM.Audit')).toBe(0);
    expect(some.has('/vms', 'VM.Audit')).toBe(true);
    expect(some.has('/vms/101', 'VM.Audit')).toBe(false);
  });
});

describe('routes', () => {
  it('are found by path, placeholders decoded, and unique', () => {
    const router = new Router(routes);
    expect(router.find('GET', '/nodes/pve1/tasks/UPID%3Apve1%3A/status')?.values).toEqual({
      node: 'pve1',
      upid: 'UPID:pve1:',
    });
    expect(router.find('GET', '/version/')?.route.path).toBe('/version');
    expect(router.find('GET', '/nope')).toBeUndefined();
    expect(router.find('DELETE', '/version')).toBeUndefined();
  });
});

describe('answers', () => {
  it('have their keys in another order each time', () => {
    const random = new Random(1);
    const texts = new Set(
      Array.from({ length: 20 }, () => scrambledJson({ a: 1, b: 'x', c: null, d: undefined }, random)),
    );
    expect(texts.size).toBeGreaterThan(2);
    for (const text of texts) expect(JSON.parse(text)).toEqual({ a: 1, b: 'x', c: null });
  });
});

describe('faults', () => {
  it('strike where they match, after and as often as told', () => {
    const faults = new Faults();
    const remove = faults.add({ match: /^\/nodes/, kind: 'reset', times: 1, after: 1 });
    expect(faults.take('/version')).toBeUndefined();
    expect(faults.take('/nodes')).toBeUndefined();
    expect(faults.take('/nodes')?.kind).toBe('reset');
    expect(faults.take('/nodes')).toBeUndefined();
    remove();
    faults.add({ match: '/version', kind: 'html' });
    expect(faults.take('/version')?.kind).toBe('html');
    faults.clear();
    expect(faults.take('/version')).toBeUndefined();
  });
});
