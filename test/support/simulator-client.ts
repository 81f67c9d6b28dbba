import { Agent, request } from 'node:https';
import { createSimulator, type Simulator, type SimulatorOptions } from '../../src/simulator/index.ts';

/** One raw answer of the simulated API; `data` is the parsed body's, undefined when the body is no JSON. */
export interface RawAnswer {
  status: number;
  reason: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  json: any;
  data: any;
}

/** A running simulator with a bare HTTPS client that trusts its CA and nothing else. */
export interface Lab {
  sim: Simulator;
  port: number;
  get: (
    path: string,
    options?: { token?: string; method?: string; headers?: Record<string, string>; body?: string },
  ) => Promise<RawAnswer>;
  /** `data` of a GET that must succeed. */
  data: (path: string, token?: string) => Promise<any>;
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
            let json: any;
            try {
              json = JSON.parse(text);
            } catch {
              json = undefined;
            }
            const { statusCode = 0, statusMessage = '' } = response;
            resolve({
              status: statusCode,
              reason: statusMessage,
              headers: response.headers,
              body: text,
              json,
              data: json?.data,
            });
          });
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  return {
    sim,
    port,
    get,
    async data(path, token) {
      const answer = await get(path, token === undefined ? {} : { token });
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.reason}`);
      return answer.data;
    },
    async close() {
      agent.destroy();
      await sim.stop();
    },
  };
}

/** The row of a guest in `/cluster/resources`. */
export async function rowOf(lab: Lab, vmid: number, token?: string): Promise<any> {
  return (await lab.data('/cluster/resources?type=vm', token)).find((row: any) => row.vmid === vmid);
}
