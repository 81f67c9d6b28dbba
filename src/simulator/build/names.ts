/** A kind of server: name stem, tags, usual size, and what a note about it may say. */
export interface ServerKind {
  stem: string;
  tags: string[];
  cores: number;
  memory: number;
  diskGib: number;
  ostype?: string;
  note?: string;
}

/** Uses of virtual machines in the simulated cluster. */
export const vmKinds: ServerKind[] = [
  {
    stem: 'web',
    tags: ['web'],
    cores: 2,
    memory: 2048,
    diskGib: 32,
    note: 'nginx in front of the shop\nowner: web team',
  },
  {
    stem: 'db',
    tags: ['db', 'critical'],
    cores: 4,
    memory: 8192,
    diskGib: 120,
    note: 'PostgreSQL 17, nightly dump to nas',
  },
  { stem: 'app', tags: ['app'], cores: 2, memory: 4096, diskGib: 48 },
  { stem: 'cache', tags: ['cache'], cores: 1, memory: 2048, diskGib: 16 },
  { stem: 'mail', tags: ['mail'], cores: 2, memory: 4096, diskGib: 64 },
  { stem: 'k8s-worker', tags: ['k8s'], cores: 8, memory: 16384, diskGib: 100 },
  { stem: 'k8s-master', tags: ['k8s', 'critical'], cores: 4, memory: 8192, diskGib: 64 },
  { stem: 'win', tags: ['windows'], cores: 4, memory: 8192, diskGib: 128, ostype: 'win11' },
  { stem: 'ci-runner', tags: ['ci'], cores: 4, memory: 8192, diskGib: 80 },
  { stem: 'backup', tags: ['backup'], cores: 2, memory: 2048, diskGib: 500 },
  { stem: 'dev', tags: ['dev'], cores: 2, memory: 4096, diskGib: 40, note: 'ask before deleting' },
];

/** Uses of containers. */
export const containerKinds: ServerKind[] = [
  { stem: 'dns', tags: ['dns', 'net'], cores: 1, memory: 256, diskGib: 4 },
  { stem: 'proxy', tags: ['net', 'web'], cores: 1, memory: 512, diskGib: 8 },
  {
    stem: 'monitoring',
    tags: ['monitoring'],
    cores: 2,
    memory: 2048,
    diskGib: 30,
    note: '<b>Grafana</b> &amp; Prometheus',
  },
  { stem: 'git', tags: ['dev'], cores: 2, memory: 2048, diskGib: 40 },
  { stem: 'wiki', tags: ['web'], cores: 1, memory: 1024, diskGib: 16 },
  { stem: 'mqtt', tags: ['iot'], cores: 1, memory: 256, diskGib: 4 },
];

/** People and tokens that appear in tasks and in the log. */
export const people = ['root@pam', 'alice@pve', 'bob@pve', 'root@pam!terraform', 'carol@ldap'];

/** Network segments (VLAN tags) of the simulated company. */
export const vlans = [10, 20, 30, 40];
