import { Api } from './api.ts';
import { buildWorld } from './build/build-world.ts';
import { type ClusterCertificates, issueCertificates } from './certificates.ts';
import { SimulatorClock } from './clock.ts';
import { Faults } from './faults.ts';
import { HttpServer } from './http-server.ts';
import { Random } from './prng.ts';
import { RequestLog } from './request-log.ts';
import type { Truth } from './truth.ts';
import { createWorld, type World } from './world/index.ts';

export type { Fault, FaultKind } from './faults.ts';
export type { TruthEvent } from './truth.ts';
export type { TruthGuest, TruthState } from './truth-state.ts';
export type { World } from './world/index.ts';

/** Which cluster to simulate, and how. */
export interface SimulatorOptions {
  /** Same seed (and sizes), same cluster. Default 1. */
  seed?: number;
  /** 1 to 32; default 3. */
  nodes?: number;
  /** 0 to 10,000; default 60. Three quarters are VMs. */
  guests?: number;
  /** null: a node that never joined a cluster (needs `nodes: 1`). Default `lab`. */
  clusterName?: string | null;
  /** Initial time, milliseconds since 1970; default 06:00 UTC on 20 November 2026. */
  now?: number;
  /** The clock follows real time instead of standing still. */
  realTime?: boolean;
  /**
   * Delay in milliseconds until list rows show a change of a guest's name, status and numbers; real PVE: up to 12,000. Default 0.
   */
  rowLagMs?: number;
  /** Delay of a 401 in milliseconds; real PVE: 3,000. Default 0. */
  authDelayMs?: number;
  /** Answers with more characters are compressed; default 1,024, as in PVE. */
  compressFrom?: number;
  /** The certificates of an earlier cluster with the same nodes, in order to be that cluster; new ones by default. */
  certificates?: ClusterCertificates;
}

/** A simulated cluster with its API. */
export interface Simulator {
  /**
   * Serves the API on 127.0.0.1; port 0 (default) takes a free one. Can be started again after `stop`, also with the certificate
   * of a node other than the first.
   */
  start(options?: { port?: number; host?: string; node?: string }): Promise<{ url: string; port: number }>;
  /** Cuts every connection and stops listening. */
  stop(): Promise<void>;
  /** The cluster's root CA as PEM. */
  readonly caPem: string;
  /** SHA-256 of the served certificate, `AA:BB:...`. */
  readonly fingerprint: string;
  /** All certificates, by node. */
  readonly certificates: ClusterCertificates;
  /** API tokens as `user@realm!name=secret`: every right, PVEAuditor on /, no right at all. */
  readonly tokens: { full: string; auditor: string; none: string };
  /** Users for `POST /access/ticket`; `tfa` needs the code given as `totp:CODE`. */
  readonly users: {
    root: { username: string; password: string };
    tfa: { username: string; password: string; totp: string };
  };
  /** Changes the cluster while it runs. */
  readonly world: World;
  /** What really changed, and the actual state. */
  readonly truth: Truth;
  readonly clock: SimulatorClock;
  /** Every call served. */
  readonly requests: RequestLog;
  readonly faults: Faults;
}

const full = [{ path: '/', role: 'Administrator' }];

/** Builds a simulated Proxmox VE 9 cluster; `start` serves its API over HTTPS. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed = 1, nodes = 3, guests = 60, clusterName = 'lab' } = options;
  const { rowLagMs = 0, authDelayMs = 0, compressFrom = 1_024 } = options;
  if (nodes < 1 || nodes > 32) throw new RangeError('nodes must be 1 to 32');
  if (guests < 0 || guests > 10_000) throw new RangeError('guests must be 0 to 10000');
  if (clusterName === null && nodes > 1)
    throw new RangeError('a node without cluster stands alone: nodes must be 1');
  const clock = new SimulatorClock(options.now ?? Date.UTC(2026, 10, 20, 6));
  const state = buildWorld(clock, { seed, nodes, guests, clusterName, rowLagMs });
  if (options.realTime) clock.followRealTime();
  const secrets = new Random(seed ^ 0x2545f491);
  const users = {
    root: { username: 'root@pam', password: 'simulated' },
    tfa: { username: 'tfa@pve', password: 'simulated', totp: '123456' },
  };
  state.access.set({ id: 'root@pam', secret: users.root.password, acl: full });
  state.access.set({
    id: 'tfa@pve',
    secret: users.tfa.password,
    totp: users.tfa.totp,
    acl: [{ path: '/', role: 'PVEAuditor' }],
  });
  const token = (id: string, role: string): string => {
    const secret = secrets.uuid();
    state.access.set({ id, secret, acl: [{ path: '/', role }] });
    return `${id}=${secret}`;
  };
  const tokens = {
    full: token('root@pam!mcp', 'Administrator'),
    auditor: token('audit@pve!mcp', 'PVEAuditor'),
    none: token('nobody@pve!mcp', 'NoAccess'),
  };
  const certificates =
    options.certificates ?? (await issueCertificates([...state.nodes.values()], state.clusterUuid));
  const faults = new Faults();
  const requests = new RequestLog();
  const api = new Api(state, certificates, authDelayMs);
  const server = new HttpServer({ api, faults, requests, clock, compressFrom });
  const served = [...state.nodes.keys()][0]!;
  return {
    async start({ port = 0, host = '127.0.0.1', node = served } = {}) {
      const bound = await server.start(certificates, node, port, host);
      return { url: `https://${host}:${bound}`, port: bound };
    },
    stop: () => server.stop(),
    caPem: certificates.ca.pem,
    fingerprint: certificates.nodes.get(served)!.fingerprint,
    certificates,
    tokens,
    users,
    world: createWorld(state),
    truth: state.truth,
    clock,
    requests,
    faults,
  };
}
