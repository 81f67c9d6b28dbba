import { contentHash, marked, NOTHING_DECLARED } from '../../desired/declaration.ts';
import { readDeclaredFile } from '../../desired/file.ts';
import { MpcError } from '../../errors.ts';
import { CHECK_NAMES } from '../../health/index.ts';
import { formatTime } from '../../history/moment.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Declaration, RevisionEntity } from '../../model/declaration.ts';
import { clusterNow } from '../cluster-clock.ts';

/** What is declared at present. */
export interface InForce {
  declaration: Declaration;
  /** Null if nothing was ever declared. */
  revision: RevisionEntity | null;
  /** Why the declared file is not in force, worded for the hint of an answer. */
  fault: string | undefined;
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone' | 'declaring'>;

/** How often another writer may get in between before that is reported. */
const ATTEMPTS = 5;

/**
 * The declaration in force. If there is a declared file, its new content becomes a revision first; while the file cannot be used,
 * the last good revision stays in force.
 */
export async function declarationInForce(asking: Asking): Promise<InForce> {
  const { store, declaring } = asking;
  if (declaring.file === null) return inForce(await store.declaration());
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    // Read before the file: whoever then reads an older text than this revision's cannot record it.
    const newest = await store.declaration();
    const read = await readFile(asking);
    if (read instanceof MpcError) return inForce(newest, faultText(read, newest, asking.timeZone));
    if (newest?.hash === contentHash(read)) return inForce(newest);
    const added = await recorded(read, newest, asking, {
      author: declaring.file.name,
      why: null,
      source: 'file',
    });
    if (added !== null) return inForce(added);
  }
  return inForce(await store.declaration(), `${declaring.file.name} is read by others at the same time.`);
}

async function readFile({ declaring, timeZone }: Asking): Promise<Declaration | MpcError> {
  const file = declaring.file!;
  try {
    return readDeclaredFile(await file.read(), { file: file.name, timeZone, checks: CHECK_NAMES });
  } catch (error) {
    if (error instanceof MpcError) return error;
    throw error;
  }
}

function inForce(revision: RevisionEntity | null, fault?: string): InForce {
  return { declaration: revision?.content ?? NOTHING_DECLARED, revision, fault };
}

function faultText(error: MpcError, newest: RevisionEntity | null, timeZone: string): string {
  const stands =
    newest === null
      ? 'Nothing is declared until then.'
      : `Until then revision ${newest.number} of ${formatTime(newest.at, timeZone)} stands.`;
  return `The declared file cannot be used: ${error.message} ${error.hint ?? ''} ${stands}`;
}

/** Records content as the revision after the one read before; null if another came in between. */
export async function recorded(
  content: Declaration,
  before: RevisionEntity | null,
  { store, now, declaring }: Asking,
  { author, why, source }: Pick<RevisionEntity, 'author' | 'why' | 'source'>,
): Promise<RevisionEntity | null> {
  const number = before?.number ?? 0;
  const at = Math.max(await clusterNow({ store, now }), (before?.at ?? 0) + 1);
  return declaring.addRevision(number, {
    at,
    author,
    why,
    source,
    content: marked(content, before?.content ?? NOTHING_DECLARED, number + 1),
    hash: contentHash(content),
  });
}
