import type { NewRevision, RevisionEntity } from '../../model/declaration.ts';
import type { PlanEntity } from '../../model/plan.ts';

/** What declaring and planning write: only to the store, never to Proxmox. */
export interface Declaring {
  /** The declared file, which then is in force; null if declarations are kept in the store. */
  file: DeclaredFile | null;
  /** Adds a revision after the one that was read before; null if another one came in between. */
  addRevision(after: number, revision: NewRevision): Promise<RevisionEntity | null>;
  /** Stores a plan. @throws an MpcError if its id is taken */
  savePlan(plan: PlanEntity): Promise<void>;
}

/** A file that holds the declaration. */
export interface DeclaredFile {
  /** Its name in answers and errors. */
  name: string;
  /** Its text, once nobody is writing it. @throws an MpcError that says why it cannot be read */
  read(): Promise<string>;
}
