import { Agent, request } from 'node:https';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';
import type { PveRow } from './pve-row.ts';

/** One raw answer of the simulated API; `json` is the parsed body, `data` what it holds: both undefined when the body is no JSON. */
export interface RawAnswer {
  status: number;
  reason: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** Errors, a message and a total are there only where PVE writes them. */
  json: { data: unknown; total: number; message: string; errors: { [field: string]: string } };
  data: unknown;
}

/** A running simulator with a bare HTTPS client that trusts its CA and nothing else. */
export interface Lab {
  sim: Simulator;
  port: number;
  get: (
    path: string,
    options?: { token?: string; method?: string; headers?: Record<string, string>; body?: string },
  ) => Promise<RawAnswer>;
  /** The one object that a GET has, which must succeed. */
  data: (path: string, token?: string) => Promise<PveRow>;
  /** The rows of a list, which must be there. */
  rows: (path: string, token?: string) => Promise<PveRow[]>;
  close: () => Promise<void>;
}

/** Starts a simulator and a client for it. */
export async function openLab(options: SimulatorOptions = {}): Promise<Lab> {
  const sim = await createSimulator(options);
  const { port } = await sim.start();
  const agent = new Agent({ keepAlive: true, ca: sim.caPem, maxSockets: 4 });
  const get: Lab['get'] = (path, { token = sim.tokens.full, method = 'GET', headers = {}, body } = {}) =>
    new Promise((resolve, reject) => {
      const authorization = token === '' ? {} : { authorization: `PVEAPIToken=${token}` };
      const call = request(
        {
          host: '127.0.0.1',
          port,
          path: `/api2/json${path}`,
          method,
          agent,
          headers: { ...authorization, ...headers },
        },
        response => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            let json: RawAnswer['json'] | undefined;
            try {
              json = JSON.parse(text) as RawAnswer['json'];
            } catch {
              json = undefined;
            }
            const { statusCode = 0, statusMessage = '' } = response;
            resolve({
              status: statusCode,
              reason: statusMessage,
              headers: response.headers,
              body: text,
              json: json!,
              data: json?.data,
            });
          });
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  const dataOf = async (path: string, token?: string) => {
    const answer = await get(path, token === undefined ? {} : { token });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.reason}`);
    return answer.data;
  };
  return {
    sim,
    port,
    get,
    data: async (path, token) => (await dataOf(path, token)) as PveRow,
    rows: async (path, token) => (await dataOf(path, token)) as PveRow[],
    async close() {
      agent.destroy();
      await sim.stop();
    },
  };
}

/** The row of a guest in `/cluster/resources`; undefined where it has none, which only a test of just that looks for. */
export async function rowOf(lab: Lab, vmid: number, token?: string): Promise<PveRow> {
  return (await lab.rows('/cluster/resources?type=vm', token)).find(row => row.vmid === vmid)!;
}
