/** What a rollback undid. */
export interface RolledBack {
  migration: string;
  /** Where the store is kept as it was before; null where it was not kept. */
  backup: string | null;
  /** How many migrations are left; with none the store is empty. */
  left: number;
}
