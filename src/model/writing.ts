/** The kinds of write; each has to be allowed by name. */
export const WRITE_KINDS = [
  'tags',
  'notes',
  'options',
  'cpu',
  'memory',
  'network',
  'power',
  'migrate',
  'snapshot',
] as const;
/** One of `WRITE_KINDS`. */
export type WriteKind = (typeof WRITE_KINDS)[number];

/**
 * The privilege that each kind needs on its guest; a network card also needs the right to use its bridge. Observed on PVE 9.2.
 */
export const KIND_PRIVILEGES: { readonly [kind in WriteKind]: string } = {
  tags: 'VM.Config.Options',
  notes: 'VM.Config.Options',
  options: 'VM.Config.Options',
  cpu: 'VM.Config.CPU',
  memory: 'VM.Config.Memory',
  network: 'VM.Config.Network',
  power: 'VM.PowerMgmt',
  migrate: 'VM.Migrate',
  snapshot: 'VM.Snapshot',
};

/** Privileges that allow more than any of our writes: a token with one of them causes a warning. */
export const TOO_MUCH_TO_WRITE = [
  'VM.Allocate',
  'Permissions.Modify',
  'Sys.Modify',
  'Datastore.Allocate',
] as const;

/** The kinds allowed by default: none that stops a guest, or changes how it starts. */
export const USUAL_KINDS: readonly WriteKind[] = ['tags', 'notes', 'options'];

/** Which guests may be written to: those with a tag, or those in a pool. */
export type WriteScope = { tag: string } | { pool: string };

/** What the person who set up the program allows it to write. */
export interface WritePolicy {
  kinds: readonly WriteKind[];
  /** Null where every guest may be written to. */
  only: WriteScope | null;
}

/** Who approves a plan: a person who was shown its steps, or the host's own prompt for the tool call. */
export const APPROVAL_MODES = ['person', 'host'] as const;
/** One of `APPROVAL_MODES`. */
export type ApprovalMode = (typeof APPROVAL_MODES)[number];

/** A scope in the form in which it is configured and shown: `tag:lab`, `pool:dev`. */
export function scopeText(scope: WriteScope): string {
  return 'tag' in scope ? `tag:${scope.tag}` : `pool:${scope.pool}`;
}

/** Whether a guest with these tags, in this pool (null for none), may be written to. */
export function isInScope(
  scope: WriteScope | null,
  { tags, pool }: { tags: readonly string[]; pool: string | null },
): boolean {
  if (scope === null) return true;
  return 'tag' in scope ? hasTag(tags, scope.tag) : pool === scope.pool;
}

/** A guest with this tag is never written to, and no plan adds or removes it. */
export const LOCK_TAG = 'mpc-locked';

/** Whether a tag is among others, ignoring case. */
export function hasTag(tags: readonly string[], tag: string): boolean {
  return tags.some(one => one.toLowerCase() === tag.toLowerCase());
}
