import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab, rowOf } from '../../support/simulator-client.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());
/** What a token may do on a path, by path. */
const rightsOn = async (path: string, token: string): Promise<{ [path: string]: object }> =>
  (await lab.get(`/access/permissions?path=${path}`, { token })).data as { [path: string]: object };

describe('a token without rights', () => {
  it('gets empty lists, and 403 on single objects', async () => {
    const { none } = lab.sim.tokens;
    for (const path of [
      '/cluster/resources?type=vm',
      '/cluster/resources?type=storage',
      '/storage',
      '/nodes/pve1/storage',
      '/nodes/pve1/qemu',
      '/pools',
      '/cluster/tasks',
      '/nodes/pve1/tasks',
      '/cluster/log',
      '/access/acl',
    ]) {
      expect(await lab.data(path, none)).toEqual([]);
    }
    expect(await lab.data('/access/permissions', none)).toEqual({});
    const nodes = await lab.rows('/nodes', none);
    expect(nodes).toHaveLength(3);
    expect(nodes[0]!.uptime).toBeUndefined();
    const { node } = await rowOf(lab, 100);
    expect(await lab.get(`/nodes/${node}/qemu/100/config`, { token: none })).toMatchObject({
      status: 403,
      reason: 'Permission check failed (/vms/100, VM.Audit)',
    });
    expect((await lab.get('/cluster/status', { token: none })).reason).toBe(
      'Permission check failed (/, Sys.Audit)',
    );
    expect((await lab.get(`/nodes/${node}/qemu/100/agent/get-osinfo`, { token: none })).reason).toBe(
      'Permission check failed (/vms/100, VM.GuestAgent.Audit|VM.GuestAgent.Unrestricted)',
    );
    expect((await lab.rows('/nodes/pve1/network', none)).map(row => row.iface)).toEqual(['eno1']);
  });
});

describe('PVEAuditor', () => {
  it('sees everything but archives, images and the log of others', async () => {
    const { auditor } = lab.sim.tokens;
    expect(await lab.data('/cluster/resources?type=vm', auditor)).toHaveLength(60);
    expect((await rowOf(lab, 100, auditor)).pool).toBe('prod');
    expect(await lab.data('/nodes/pve1/storage/nas/content?content=backup', auditor)).toEqual([]);
    expect(await lab.data('/nodes/pve1/storage/local-zfs/content', auditor)).toEqual([]);
    lab.sim.world.rename(101, 'x');
    expect(await lab.data('/cluster/log', auditor)).toEqual([]);
    expect(await lab.data('/cluster/log')).not.toEqual([]);
    expect((await lab.get('/storage/nas', { token: auditor })).status).toBe(403);
    expect(Object.keys((await rightsOn('/vms/100', auditor))['/vms/100']!).sort()).toContain('VM.Audit');
  });
});

describe('rights that change while the API is asked', () => {
  it('take guests, pools and storages away without an error, and bring them back', async () => {
    const token = lab.sim.world.addToken('temp@pve!t', [{ path: '/', role: 'PVEAuditor' }]);
    expect(await lab.data('/cluster/resources?type=vm', token)).toHaveLength(60);
    lab.sim.world.setRights(token, [{ path: '/pool/prod', role: 'PVEVMUser' }]);
    const rows = await lab.rows('/cluster/resources', token);
    const guests = rows.filter(row => row.vmid !== undefined);
    const inProd = Object.values(lab.sim.truth.state().guests).filter(({ pool }) => pool === 'prod');
    expect(guests).toHaveLength(inProd.length);
    expect(guests.every(row => row.pool === undefined)).toBe(true);
    expect(rows.some(row => row.type === 'storage' || row.type === 'pool')).toBe(false);
    const outside = Object.values(lab.sim.truth.state().guests).find(({ pool }) => pool !== 'prod')!;
    expect((await rightsOn(`/vms/${outside.vmid}`, token))[`/vms/${outside.vmid}`]).toEqual({});
    lab.sim.world.setRights(token, [{ path: '/', role: 'PVEAuditor' }]);
    expect(await lab.data('/cluster/resources?type=vm', token)).toHaveLength(60);
    lab.sim.world.revokeToken(token);
    expect((await lab.get('/version', { token })).status).toBe(401);
  });

  it('leave a token its own tasks', async () => {
    const token = lab.sim.world.addToken('own@pve!t', []);
    lab.sim.world.restart(101, { user: 'own@pve!t' });
    const { node } = await rowOf(lab, 101);
    expect(await lab.data(`/nodes/${node}/tasks`, token)).toHaveLength(1);
    expect(await lab.data('/cluster/tasks', token)).toHaveLength(1);
  });
});
