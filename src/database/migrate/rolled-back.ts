/** What a rollback undid. */
export interface RolledBack {
  migration: string;
  /** Where the store as it was is kept; null where nothing was kept. */
  backup: string | null;
  /** How many migrations are left; without any the store holds nothing. */
  left: number;
}
