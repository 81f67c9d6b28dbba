import type { Config } from '../config.ts';
import type { Log } from '../log.ts';

/**
 * Warns about variables for writing if no cluster has a token for it: whoever set them expects writing, but nothing is ever
 * written.
 */
export function warnOfIdleOptions(configs: readonly Pick<Config, 'idle' | 'writing'>[], log: Log): void {
  const names = [...new Set(configs.flatMap(({ idle }) => idle))];
  if (names.length === 0 || configs.some(({ writing }) => writing !== null)) return;
  const set = names.length === 1 ? `${names[0]} is` : `${names.join(', ')} are`;
  log.warn(`${set} set, but there is no token to write with: nothing is ever written`, {
    hint: 'set PROXMOX_WRITE_TOKEN_ID and its secret: proxmox-mpc init --write prints how',
  });
}
