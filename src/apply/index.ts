export { createApplier } from './applier.ts';
export type { ApplyPorts, ApplyStore, Connection, PermitSubject } from './ports.ts';
