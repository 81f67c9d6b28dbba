export type { GuestAddress, Operation } from './operation.ts';
export type { WriteOutcome } from './outcome.ts';
export { type Leftover, type Refusal, type RefusalCode, taskRefusal } from './refusal.ts';
export { kindsOf, type NeededRight, rightsFor } from './rights.ts';
export { type WritableKey, writableKey } from './writable.ts';
export { createProxmoxWriter, type ProxmoxWriter, type WriterOptions } from './writer.ts';
