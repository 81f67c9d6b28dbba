import { startLab } from '../test/support/lab.ts';

const lab = await startLab({ guests: 10000, nodes: 16 });
await lab.discover();
for (const [tool, args] of [
  ['get_cluster_status', {}],
  ['check_health', {}],
  ['check_health', { if_down: 'pve2' }],
  ['check_health', { check: 'quorum-lost' }],
] as const) {
  const times: number[] = [];
  let bytes = 0;
  for (let i = 0; i < 6; i++) {
    const t = performance.now();
    const r = await lab.call(tool, { ...args, max_age_seconds: 86400 });
    times.push(Math.round(performance.now() - t));
    bytes = JSON.stringify(r).length;
  }
  console.log(tool, JSON.stringify(args), times, bytes);
}
const s = await lab.call('get_cluster_status', { max_age_seconds: 86400 });
console.log(JSON.stringify(s.attention, null, 1));
await lab.close();
