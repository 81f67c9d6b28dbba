import { Agent, get } from 'node:https';
import { join } from 'node:path';
import { stagedPackage } from './support/package.ts';
import type { Benchmark } from './support/report.ts';
import { startCluster } from './support/simulated-cluster.ts';
import { median, minimum, timed } from './support/stats.ts';
import { startServer } from './support/stdio-server.ts';

const GUESTS = 10;

/** What ten guests used over a day, read and from what is kept, beside the bare requests. */
export const usage: Benchmark = {
  name: 'usage',
  title: 'Usage',
  async run({ full }) {
    const { program, folder } = await stagedPackage();
    const cluster = await startCluster(200);
    const agent = new Agent({ keepAlive: true, maxSockets: 4, ca: cluster.ca });
    const server = await startServer(program, {
      env: {
        ...cluster.env,
        DATABASE_URL: `file:${join(await folder(), 'usage.db')}`,
        PROXMOX_MPC_MAX_AGE: '86400',
        PROXMOX_MPC_LOG_LEVEL: 'error',
      },
    });
    try {
      const { guests } = (await server.call('list_guests', { limit: 200, status: 'running' })) as {
        guests: { resource: string; node: string }[];
      };
      const tens = chunks(guests).slice(0, full ? 15 : 6);
      const ask = (ten: typeof guests) => ({
        resource: ten.map(guest => guest.resource).join(),
        timeframe: 'day',
        max_age_seconds: 3_600,
      });
      const bare = (ten: typeof guests) =>
        Promise.all(
          ten.map(({ resource, node }) => {
            const [type, id] = resource.split('/');
            const path = `/nodes/${node}/${type === 'vm' ? 'qemu' : 'lxc'}/${id}/rrddata?timeframe=day&cf=AVERAGE`;
            const headers = { authorization: `PVEAPIToken=${cluster.token}` };
            return read(`${cluster.url}/api2/json${path}`, { agent, headers });
          }),
        );
      const floor = await timed(tens.length, round => bare(tens[round]!));
      const anew = await timed(tens.length, round => server.call('show_usage', ask(tens[round]!)));
      const kept = await timed(tens.length * 5, round =>
        server.call('show_usage', ask(tens[round % tens.length]!)),
      );
      const row = (what: string, samples: number[]) => [what, median(samples), minimum(samples)];
      return {
        tables: [
          {
            title: `${GUESTS} guests over a day, ${GUESTS * 1_440} rows of Proxmox, over stdio (ms)`,
            columns: ['what', 'median', 'least'],
            rows: [
              row('show_usage, read', anew),
              row(`${GUESTS} bare GETs, four at a time, parsed`, floor),
              row('show_usage, from what is kept', kept),
            ],
          },
        ],
        checks: [
          {
            what: 'show_usage of ten guests, read, against the bare requests',
            value: median(anew) / median(floor),
            target: 1.5,
            unit: 'times',
          },
        ],
      };
    } finally {
      agent.destroy();
      await server.stop();
      await cluster.stop();
    }
  },
};

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.floor(all.length / GUESTS) }, (_, at) =>
    all.slice(at * GUESTS, (at + 1) * GUESTS),
  );
}

function read(url: string, options: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    get(url, options, answer => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
      answer.on('error', reject);
    }).on('error', reject);
  });
}
