import type { Runtime } from './runtime.ts';

const DAY_MS = 86_400_000;
/** Interval between two prunings (ms). */
const EVERY_MS = 6 * 3_600_000;

/** Drops history older than PROXMOX_MPC_HISTORY_DAYS at intervals; does nothing if history is kept for ever. */
export function createPruning({ config, log, open }: Runtime): () => Promise<void> {
  let last = 0;
  return async () => {
    if (config.historyDays === 0 || Date.now() - last < EVERY_MS) return;
    last = Date.now();
    const { pruneStore } = await import('../database/maintenance/index.ts');
    const { store } = await open();
    const pruned = await pruneStore(store, Date.now() - config.historyDays * DAY_MS);
    if (Object.values(pruned).some(count => count > 0)) log.info('history shortened', { ...pruned });
  };
}
