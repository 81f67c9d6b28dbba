import type { Config } from '../config.ts';
import type { Log } from '../log.ts';

/**
 * Warns of variables that say how to write where no cluster has a token to write with: whoever set them counts on writing, and
 * nothing is ever written.
 */
export function warnOfIdleOptions(configs: readonly Pick<Config, 'idle' | 'writing'>[], log: Log): void {
  const names = [...new Set(configs.flatMap(({ idle }) => idle))];
  if (names.length === 0 || configs.some(({ writing }) => writing !== null)) return;
  const set = names.length === 1 ? `${names[0]} is` : `${names.join(', ')} are`;
  log.warn(`${set} set, but there is no token to write with: nothing is ever written`, {
    hint: 'set PROXMOX_WRITE_TOKEN_ID and its secret: proxmox-mpc init --write prints how',
  });
}
