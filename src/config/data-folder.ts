import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

/** Where programs keep their data on this system. */
export interface Place {
  platform: NodeJS.Platform;
  env: NodeJS.ProcessEnv;
  home: string;
}

/** This machine, for whoever has this environment. */
export function thisPlace(env: NodeJS.ProcessEnv): Place {
  const { platform } = process;
  return { platform, env, home: env[platform === 'win32' ? 'USERPROFILE' : 'HOME'] ?? homedir() };
}

/** The folder of the store unless DATABASE_URL says otherwise. */
export function dataFolder({ platform, env, home }: Place): string {
  if (platform === 'win32')
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'proxmox-mpc');
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'proxmox-mpc');
  // The XDG specification requires relative paths to be ignored.
  const xdg = env['XDG_DATA_HOME'];
  return posix.join(xdg?.startsWith('/') ? xdg : posix.join(home, '.local', 'share'), 'proxmox-mpc');
}

/** The store's address in that folder. */
export function defaultDatabaseUrl(place: Place): string {
  const folder = dataFolder(place);
  return `file:${place.platform === 'win32' ? win32.join(folder, 'proxmox-mpc.db') : posix.join(folder, 'proxmox-mpc.db')}`;
}
