import type { KeyTable } from './keys.ts';

const options = ['VM.Config.Options'];
const network = ['VM.Config.Network'];

/**
 * Keys of a container's config as in pve-container 6.1: type, privilege, and whether a running one accepts a value immediately.
 */
export const containerKeys: KeyTable = [
  [/^(description|tags|startup)$/, { needs: options, live: true, maxLength: 8192 }],
  [/^(onboot|protection)$/, { needs: options, live: true, type: 'boolean' }],
  [/^lock$/, { needs: options, live: true }],
  [/^(console|debug|template|unprivileged)$/, { needs: options, type: 'boolean' }],
  [/^tty$/, { needs: options, type: 'integer', minimum: 0, maximum: 6 }],
  [/^(arch|ostype|cmode|timezone|entrypoint|env|features|hookscript|dev\d+)$/, { needs: options }],
  [/^(cores|cpuunits)$/, { needs: ['VM.Config.CPU'], live: true, type: 'integer', minimum: 1 }],
  [/^cpulimit$/, { needs: ['VM.Config.CPU'], live: true, type: 'number', minimum: 0 }],
  [/^memory$/, { needs: ['VM.Config.Memory'], live: true, type: 'integer', minimum: 16 }],
  [/^swap$/, { needs: ['VM.Config.Memory'], live: true, type: 'integer', minimum: 0 }],
  [/^(hostname|net\d+)$/, { needs: network, live: true }],
  [/^(nameserver|searchdomain)$/, { needs: network }],
  [/^(rootfs|mp\d+|unused\d+)$/, { needs: ['VM.Config.Disk'], live: true }],
];

/** Keys that can be changed but not deleted. */
export const requiredKeys = /^(memory|swap|rootfs|ostype)$/;
