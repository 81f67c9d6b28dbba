import { expect, test } from 'vitest';
import { warnOfIdleOptions } from '../../../src/app/idle-options.ts';
import { readConfig } from '../../../src/config.ts';
import { type Log, noLog } from '../../../src/log.ts';

const IDLE = { PROXMOX_MPC_WRITE: 'tags', PROXMOX_MPC_WRITE_ONLY: 'tag:lab', PROXMOX_MPC_APPROVAL: 'host' };
const TOKEN = {
  PROXMOX_WRITE_TOKEN_ID: 'mcp@pve!write',
  PROXMOX_WRITE_TOKEN_SECRET: '12345678-90ab-cdef-1234-567890abcdef',
};
const config = (env: NodeJS.ProcessEnv) => readConfig({ flags: {}, env: { HOME: '/nowhere', ...env } });

function warnings(...environments: NodeJS.ProcessEnv[]): string[] {
  const said: string[] = [];
  const log: Log = { ...noLog, warn: message => void said.push(message) };
  warnOfIdleOptions(environments.map(config), log);
  return said;
}

test.each([1, 2, 3, 4, 5, 6, 7])('what says how to write and does nothing is warned of (set %i)', bits => {
  const set = Object.fromEntries(Object.entries(IDLE).filter((_, n) => bits & (1 << n)));
  const [said, ...more] = warnings(set);
  expect(more).toEqual([]);
  expect(said).toMatch(
    new RegExp(`^${Object.keys(set).join(', ')} (?:is|are) set, but .* no token to write`),
  );
  // With a token they do something; of several clusters one that has it is enough.
  expect(warnings({ ...set, ...TOKEN })).toEqual([]);
  expect(warnings(set, { ...set, ...TOKEN })).toEqual([]);
  expect(warnings(set, set)).toHaveLength(1);
});

test('where nothing is set there is nothing to warn of', () => {
  expect(warnings({})).toEqual([]);
  expect(warnings(TOKEN)).toEqual([]);
  expect(warnings({ PROXMOX_MPC_WRITE: '' })).toEqual([]);
});
