import type { NewRevision, RevisionEntity } from '../../model/declaration.ts';
import type { PlanEntity } from '../../model/plan.ts';

/** What declaring and planning write: to the store alone, never to Proxmox. */
export interface Declaring {
  /** The declared file, which then rules; null where declarations are kept in the store. */
  file: DeclaredFile | null;
  /** Puts a revision in force after the one that was read before it; null where another one came meanwhile. */
  addRevision(after: number, revision: NewRevision): Promise<RevisionEntity | null>;
  /** Keeps a plan. @throws an MpcError where its id is taken */
  savePlan(plan: PlanEntity): Promise<void>;
}

/** A file that holds the declaration. */
export interface DeclaredFile {
  /** As answers and errors name it. */
  name: string;
  /** Its text, once nobody is writing it. @throws an MpcError that says why it cannot be read */
  read(): Promise<string>;
}
