import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulator } from '../../../src/simulator/index.ts';
import type { PveRow } from '../../support/pve-row.ts';
import { type Lab, openLab, rowOf } from '../../support/simulator-client.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
});
afterAll(() => lab.close());

describe('TLS', () => {
  it('serves a certificate of its own CA, valid for localhost, HTTP/1.1 only', async () => {
    const peer = await new Promise<{ fingerprint: string; protocol: unknown }>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: lab.port,
        ca: lab.sim.caPem,
        servername: 'localhost',
        ALPNProtocols: ['h2', 'http/1.1'],
      };
      const socket = connect(options, () => {
        resolve({ fingerprint: socket.getPeerCertificate().fingerprint256, protocol: socket.alpnProtocol });
        socket.destroy();
      });
      socket.on('error', reject);
    });
    expect(peer).toEqual({ fingerprint: lab.sim.fingerprint, protocol: 'http/1.1' });
    const shown = await lab.rows('/nodes/pve1/certificates/info');
    expect(shown.map(row => row.filename).sort()).toEqual(['pve-root-ca.pem', 'pve-ssl.pem']);
    expect(shown.find(row => row.filename === 'pve-ssl.pem')!.fingerprint).toBe(lab.sim.fingerprint);
  });

  it('gives every node its own certificate', async () => {
    const nodes = await lab.rows('/nodes');
    expect(new Set(nodes.map(row => row.ssl_fingerprint)).size).toBe(3);
  });
});

describe('signing in', () => {
  it('refuses with the reason in the status line and no body', async () => {
    expect(await lab.get('/version', { token: '' })).toMatchObject({
      status: 401,
      reason: 'No ticket',
      body: '',
    });
    const bad = lab.sim.tokens.full.replace(/.$/, 'x');
    expect(await lab.get('/version', { token: bad })).toMatchObject({
      status: 401,
      reason: 'Authentication failed!',
      body: '',
    });
    const colon = lab.sim.tokens.full.replace('=', ':');
    expect((await lab.get('/version', { token: colon })).status).toBe(401);
  });

  it('takes name and password for a ticket, which travels as a cookie and expires', async () => {
    const { username, password } = lab.sim.users.root;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const sign = (body: Record<string, string>) =>
      lab.get('/access/ticket', {
        method: 'POST',
        token: '',
        headers,
        body: new URLSearchParams(body).toString(),
      });
    const { data } = await sign({ username, password });
    expect(data).toMatchObject({ username, CSRFPreventionToken: expect.any(String), clustername: 'lab' });
    const cookie = { cookie: `PVEAuthCookie=${encodeURIComponent((data as PveRow).ticket)}` };
    expect((await lab.get('/version', { token: '', headers: cookie })).status).toBe(200);
    expect((await lab.get('/version', { token: '', headers: { cookie: `${cookie.cookie}x` } })).status).toBe(
      401,
    );
    expect((await sign({ username, password: 'wrong' })).status).toBe(401);
    lab.sim.clock.advance(7201_000);
    expect((await lab.get('/version', { token: '', headers: cookie })).status).toBe(401);
  });

  it('asks for a second factor where the user has one', async () => {
    const { username, password, totp } = lab.sim.users.tfa;
    const sign = (body: Record<string, string>) =>
      lab.get('/access/ticket', {
        method: 'POST',
        token: '',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const first = (await sign({ username, password })).data as PveRow;
    expect(first).toMatchObject({ NeedTFA: 1 });
    const challenge = { cookie: `PVEAuthCookie=${encodeURIComponent(first.ticket)}` };
    expect((await lab.get('/version', { token: '', headers: challenge })).status).toBe(401);
    const second = (await sign({ username, password: `totp:${totp}`, 'tfa-challenge': first.ticket }))
      .data as PveRow;
    const cookie = { cookie: `PVEAuthCookie=${encodeURIComponent(second.ticket)}` };
    expect((await lab.get('/version', { token: '', headers: cookie })).status).toBe(200);
  });
});

describe('refusals', () => {
  it.each([
    ['/nosuch/path', 501, "Method 'GET /nosuch/path' not implemented"],
    [
      '/nodes/nope/status',
      500,
      "hostname lookup 'nope' failed - failed to get address info for: nope: Temporary failure in name resolution",
    ],
    [
      '/nodes/pve1/qemu/999/config',
      500,
      "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist",
    ],
    [
      '/nodes/pve1/lxc/999/status/current',
      500,
      "Configuration file 'nodes/pve1/lxc/999.conf' does not exist",
    ],
    ['/pools/nope', 500, "pool 'nope' does not exist"],
    ['/storage/nope', 500, "storage 'nope' does not exist"],
    ['/nodes/pve1/storage/old-nas/content', 500, "storage 'old-nas' is disabled"],
    ['/nodes/pve1/storage/scratch/content', 500, "storage 'scratch' is not available on node 'pve1'"],
    ['/cluster/ha/groups', 500, 'cannot index groups: ha groups have been migrated to rules'],
  ])('$0 answers $1 $2', async (path, status, reason) => {
    const answer = await lab.get(path);
    expect(answer).toMatchObject({ status, reason, json: { data: null } });
    expect(answer.json.message.trimEnd()).toBe(reason);
    expect(answer.headers.connection).toBe('close');
  });

  it.each([
    [
      '/version?foo=1',
      { foo: 'property is not defined in schema and the schema does not allow additional properties' },
    ],
    [
      '/cluster/resources?type=bogus',
      { type: "value 'bogus' does not have a value in the enumeration 'vm, storage, node, sdn'" },
    ],
    ['/nodes/pve1/tasks?limit=x', { limit: "type check ('integer') failed - got 'x'" }],
    ['/nodes/pve1/tasks?limit=-1', { limit: 'value must have a minimum value of 0' }],
    ['/nodes/pve1/tasks?errors=yes', { errors: "type check ('boolean') failed - got 'yes'" }],
    ['/nodes/pve1/rrddata', { timeframe: 'property is missing and it is not optional' }],
    ['/nodes/pve1/qemu/abc/config', { vmid: "type check ('integer') failed - got 'abc'" }],
    ['/nodes/pve1/tasks/xyz/status', { upid: 'unable to parse worker upid' }],
    [
      '/nodes/pve1/tasks/UPID%3Apve1%3A00000001%3A00000001%3A6B000000%3Aqmstart%3A100%3Aroot%40pam%3A/status',
      { upid: 'no such task' },
    ],
  ])('$0 answers 400 with $1', async (path, errors) => {
    expect(await lab.get(path)).toMatchObject({
      status: 400,
      reason: 'Parameter verification failed.',
      json: { errors },
    });
  });

  it('has no HEAD, no body with GET and no other methods', async () => {
    expect(await lab.get('/version', { method: 'HEAD' })).toMatchObject({
      status: 501,
      reason: "method 'HEAD' not available",
    });
    expect(await lab.get('/version', { body: '{}', headers: { 'content-length': '2' } })).toMatchObject({
      status: 501,
      reason: "Unexpected content for method 'GET'",
    });
    expect(await lab.get('/version', { method: 'DELETE' })).toMatchObject({ status: 501 });
  });

  it('says the same of a guest on another node and of one of the other type', async () => {
    const { node } = await rowOf(lab, 101);
    const other = ['pve1', 'pve2', 'pve3'].find(name => name !== node);
    expect((await lab.get(`/nodes/${other}/qemu/101/config`)).reason).toBe(
      `Configuration file 'nodes/${other}/qemu-server/101.conf' does not exist`,
    );
    expect((await lab.get(`/nodes/${node}/lxc/101/config`)).reason).toBe(
      `Configuration file 'nodes/${node}/lxc/101.conf' does not exist`,
    );
  });
});

describe('answers', () => {
  it('come in another order on each call', async () => {
    const bodies = new Set<string>();
    for (let i = 0; i < 4; i++) bodies.add((await lab.get('/nodes')).body);
    expect(bodies.size).toBe(4);
    const lists = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const rows = await lab.rows('/storage');
      lists.add(rows.find(row => row.storage === 'local')!.content);
    }
    expect(lists.size).toBeGreaterThan(1);
  });

  it('are compressed when asked for and worth it', async () => {
    const chunks = await new Promise<{ encoding: unknown; size: number; rows: number }>((resolve, reject) => {
      void import('node:https').then(({ get }) =>
        get(
          {
            host: '127.0.0.1',
            port: lab.port,
            path: '/api2/json/cluster/resources',
            ca: lab.sim.caPem,
            headers: { authorization: `PVEAPIToken=${lab.sim.tokens.full}`, 'accept-encoding': 'gzip' },
          },
          response => {
            const parts: Buffer[] = [];
            response.on('data', (part: Buffer) => parts.push(part));
            response.on('end', () => {
              const packed = Buffer.concat(parts);
              const { data } = JSON.parse(gunzipSync(packed).toString()) as { data: unknown[] };
              resolve({
                encoding: response.headers['content-encoding'],
                size: packed.length,
                rows: data.length,
              });
            });
          },
        ).on('error', reject),
      );
    });
    expect(chunks.encoding).toBe('gzip');
    expect(chunks.rows).toBeGreaterThan(60);
  });

  it('log every call', async () => {
    lab.sim.requests.reset();
    await lab.get('/cluster/resources?type=vm');
    await lab.get('/nope');
    expect(lab.sim.requests.list).toMatchObject([
      {
        method: 'GET',
        path: '/cluster/resources',
        query: { type: 'vm' },
        status: 200,
        account: 'root@pam!mcp',
      },
      { path: '/nope', status: 501 },
    ]);
    expect(lab.sim.requests.count(/resources/)).toBe(1);
  });
});

describe('values have the types PVE sends', () => {
  it('in rows of guests', async () => {
    const row = await rowOf(lab, 100);
    expect(row).toMatchObject({
      id: 'qemu/100',
      type: 'qemu',
      vmid: 100,
      name: 'web01',
      status: 'running',
      template: 0,
      hastate: 'started',
      pool: 'prod',
    });
    expect(await rowOf(lab, 104)).toMatchObject({ name: 'VM 104' });
    expect(await rowOf(lab, 103)).toMatchObject({ template: 1, status: 'stopped', uptime: 0, cpu: 0 });
    const listed = await lab.rows(`/nodes/${row.node}/qemu`);
    expect(listed.find(each => each.vmid === 100)!.template).toBeUndefined();
    const container = await rowOf(lab, 200);
    const live = await lab.data(`/nodes/${container.node}/lxc/200/status/current`);
    expect(live).toMatchObject({ pressurecpusome: '0.15', type: 'lxc', ha: { managed: 0 } });
    expect(await lab.data(`/nodes/${row.node}/qemu/100/status/current`)).toMatchObject({
      pressurecpusome: 0.15,
      qmpstatus: 'running',
      agent: 1,
    });
  });

  it('in configs', async () => {
    const { node } = await rowOf(lab, 101);
    const config = await lab.data(`/nodes/${node}/qemu/101/config`);
    expect(config).toMatchObject({
      memory: '12288',
      agent: '1',
      cores: 4,
      digest: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(config.cpu).toBeUndefined();
    expect(await lab.data(`/nodes/${node}/qemu/101/config?current=1`)).toMatchObject({
      memory: '8192',
      cpu: 'x86-64-v2-AES',
    });
    const pending = await lab.rows(`/nodes/${node}/qemu/101/pending`);
    expect(pending.find(row => row.key === 'memory')).toEqual({
      key: 'memory',
      value: '8192',
      pending: '12288',
    });
    expect(pending.find(row => row.key === 'cpu')).toEqual({
      key: 'cpu',
      value: 'x86-64-v2-AES',
      delete: 1,
    });
    const container = await rowOf(lab, 200);
    expect(await lab.data(`/nodes/${container.node}/lxc/200/config`)).toMatchObject({
      memory: 256,
      hostname: 'ct-dns01',
    });
  });

  it('with the one secret masked that PVE masks', async () => {
    const { node } = await rowOf(lab, 103);
    expect((await lab.data(`/nodes/${node}/qemu/103/config`)).cipassword).toBe('**********');
    const rows = await lab.rows(`/nodes/${node}/qemu/103/cloudinit`);
    expect(rows.find(row => row.key === 'cipassword')!.value).toBe('**********');
  });

  it('in snapshots, which end with "current"', async () => {
    const { node } = await rowOf(lab, 100);
    const rows = await lab.rows(`/nodes/${node}/qemu/100/snapshot`);
    expect(rows.map(row => row.name)).toEqual(['before_upgrade', 'second', 'current']);
    expect(rows[1]).toMatchObject({ parent: 'before_upgrade', vmstate: 0 });
    expect(await lab.data(`/nodes/${node}/qemu/100/snapshot/second/config`)).toMatchObject({
      parent: 'before_upgrade',
      name: 'web01',
    });
  });

  it('from the guest agent and from containers', async () => {
    const { node } = await rowOf(lab, 100);
    const net = await lab.data(`/nodes/${node}/qemu/100/agent/network-get-interfaces`);
    expect(net.result.at(-1)!['ip-addresses'][0]).toMatchObject({ 'ip-address-type': 'ipv4', prefix: 16 });
    for (const command of ['get-osinfo', 'get-fsinfo', 'get-host-name']) {
      expect(await lab.data(`/nodes/${node}/qemu/100/agent/${command}`)).toHaveProperty('result');
    }
    const container = await rowOf(lab, 200);
    const inside = await lab.rows(`/nodes/${container.node}/lxc/200/interfaces`);
    expect(inside.find(row => row.name === 'eth0')!['ip-addresses'][0]).toMatchObject({
      'ip-address-type': 'inet',
      prefix: '16',
    });
    const without = await rowOf(lab, 106);
    expect((await lab.get(`/nodes/${without.node}/qemu/106/agent/get-osinfo`)).reason).toBe(
      'No QEMU guest agent configured',
    );
  });

  it('in storages: one row per node when shared, none when off', async () => {
    const rows = await lab.rows('/cluster/resources?type=storage');
    const of = (storage: string) => rows.filter(row => row.storage === storage);
    expect(of('nas')).toHaveLength(3);
    expect(of('scratch').map(row => row.node)).toEqual(['pve3']);
    expect(of('old-nas')).toEqual([]);
    expect((await lab.rows('/storage')).find(row => row.storage === 'old-nas')!.disable).toBe(1);
    const local = (await lab.rows('/nodes/pve1/storage')).find(row => row.storage === 'scratch');
    expect(local).toMatchObject({ enabled: 0, active: 0, total: 0 });
    expect((await lab.rows('/nodes/pve1/storage/nas/content?content=backup')).length).toBeGreaterThan(0);
  });

  it.each([
    '/cluster/options',
    '/cluster/backup',
    '/cluster/backup-info/not-backed-up',
    '/cluster/replication',
    '/cluster/ha/resources',
    '/cluster/ha/rules',
    '/cluster/ha/status/current',
    '/cluster/ha/status/manager_status',
    '/cluster/tasks',
    '/cluster/log?max=5',
    '/nodes/pve1/status',
    '/nodes/pve1/version',
    '/nodes/pve1/time',
    '/nodes/pve1/network',
    '/nodes/pve1/replication',
    '/nodes/pve1/rrddata?timeframe=hour',
    '/nodes/pve1/storage/local/status',
    '/pools',
    '/pools/prod',
    '/pools?poolid=prod',
    '/access/roles',
    '/access/acl',
    '/access/users',
    '/cluster/nextid',
    '/cluster/config/nodes',
    '/storage/nas',
    '/nodes/pve1',
  ])('%s answers', async path => {
    expect((await lab.get(path)).status).toBe(200);
  });
});

describe('the world of a seed', () => {
  it('is always the same', async () => {
    const [a, b, c] = await Promise.all([
      createSimulator({ seed: 5 }),
      createSimulator({ seed: 5 }),
      createSimulator({ seed: 6 }),
    ]);
    expect(a.truth.state()).toEqual(b.truth.state());
    expect(a.tokens).toEqual(b.tokens);
    expect(a.truth.state()).not.toEqual(c.truth.state());
  });

  it('stays the same however often it is asked', async () => {
    const other = await openLab({ seed: 9 });
    const twin = await createSimulator({ seed: 9 });
    await other.data('/cluster/resources');
    expect(other.sim.world.createGuest({ name: 'x' })).toEqual(twin.world.createGuest({ name: 'x' }));
    expect(other.sim.truth.state()).toEqual(twin.truth.state());
    await other.close();
  });

  it('can be one node without a cluster, or empty', async () => {
    const alone = await openLab({ nodes: 1, guests: 0, clusterName: null });
    expect(await alone.data('/cluster/status')).toEqual([
      {
        id: 'node/pve1',
        type: 'node',
        name: 'pve1',
        nodeid: 0,
        ip: '10.99.0.1',
        level: '',
        local: 1,
        online: 1,
      },
    ]);
    expect(await alone.data('/cluster/resources?type=vm')).toEqual([]);
    await alone.close();
  });
});
