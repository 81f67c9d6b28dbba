/** What the `db` commands do to a store. */
export { backupStore } from './backup.ts';
export { migrateStore } from './migrate.ts';
export { type Pruned, pruneStore } from './prune.ts';
export { resetStore } from './reset.ts';
export { restoreStore } from './restore.ts';
export { rollbackStore } from './rollback.ts';
export { type StoreStatus, storeStatus } from './status.ts';
