import type { Host } from '../../src/cli/host.ts';
import { runProgram } from '../../src/cli/program.ts';
import { withCluster } from '../../src/config/clusters-file.ts';
import { toolsThatWrite as tools } from '../../tools/index.ts';

/** How a command line ended and what it did. */
export interface Ran {
  code: number;
  out: string;
  note: string;
  /** What was asked of the program around the commands, in order. */
  asked: unknown[][];
}

export interface HostOptions {
  input?: string[];
  agrees?: boolean;
  /** Answers a tool call. */
  answer?: (tool: string, args: { [argument: string]: unknown }) => object;
}

/** Runs a command line on a program whose server, store and cluster are made up. */
export async function runOn(argv: string[], options: HostOptions = {}): Promise<Ran> {
  const { host, ran } = fakeHost(options);
  ran.code = await runProgram(argv, host);
  return ran;
}

/** A program whose server, store and cluster are made up, and what becomes of it. */
export function fakeHost({ input = [], agrees = false, answer = () => ({}) }: HostOptions): {
  host: Host;
  ran: Ran;
} {
  const ran: Ran = { code: -1, out: '', note: '', asked: [] };
  const ask = (...what: unknown[]) => {
    ran.asked.push(what);
  };
  const host: Host = {
    version: '1.2.3',
    tools,
    refuseSecrets: () => {},
    flags: [
      { flag: 'url', placeholder: 'url', help: 'Where.' },
      { flag: 'max-age', placeholder: 'seconds', help: 'How old.' },
    ],
    output: {
      out: text => {
        ran.out += text;
      },
      note: text => {
        ran.note += text;
      },
      width: null,
      live: null,
    },
    serve: async (flags, options) => ask('serve', flags, options),
    watch: async (flags, options) => ask('watch', flags, options),
    session: async flags => {
      ask('session', flags);
      return {
        runner: {
          run: async (tool, args) => {
            ask(tool, args);
            const facts = answer(tool, args as { [argument: string]: unknown }) as {
              [field: string]: unknown;
            };
            if (typeof facts['fails'] === 'string')
              return { isError: true, content: [{ type: 'text', text: facts['fails'] }] };
            return { content: [], structuredContent: facts };
          },
        },
        close: async () => ask('close'),
      };
    },
    report: async () => '',
    clients: async () => ({ clients: [], close: async () => {} }),
    store: async () => ({
      options: { url: 'file:/tmp/x.db', packageRoot: '/' },
      historyDays: 0,
      timeZone: 'UTC',
    }),
    setup: async () => {
      throw new Error('nothing is set up here');
    },
    place: async () => {
      throw new Error('this is no place');
    },
    terminal: null,
    adoption: async () => {
      throw new Error('nothing is adopted here');
    },
    approving: async () => {
      throw new Error('nothing is approved here');
    },
    seed: async flags => ask('seed', flags),
    confirm: async question => {
      ask('confirm', question);
      return agrees;
    },
    clusterText: withCluster,
    lines: async function* () {
      yield* input;
    },
  };
  return { host, ran };
}
