import { formatTime } from '../../history/moment.ts';
import { choice, flag, listArguments, nodeText, text } from '../../mcp/define/input.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { STORAGE_STATUSES } from '../../model/status.ts';
import type { StoreReader } from '../../model/store.ts';
import { beginningOf } from '../changes/history-start.ts';
import { hints } from '../format/hints.ts';
import { narrowHint } from '../format/page.ts';
import { quotedList } from '../format/text.ts';
import { gib } from '../format/units.ts';
import { questionArguments } from '../where/arguments.ts';
import { listMoment } from '../where/list-moment.ts';
import { type QuestionInput, readQuestion } from '../where/question.ts';
import { type ListKind, type ShortListInput, shortList } from '../where/short-list.ts';
import type { StorageFact } from './fact.ts';
import { STORAGE_BOOK } from './fields.ts';
import { loadStorages, loadStoragesThen } from './load.ts';
import { storageRow } from './rows.ts';

/** What storage lists can be sorted by. */
const SORTS = ['storage', 'type', 'status', 'total_gib', 'used_percent'] as const;
const CONTENT = ['images', 'rootdir', 'iso', 'vztmpl', 'backup', 'snippets', 'import'] as const;

/** Arguments of the list of storages. */
export const storageListArguments = {
  node: nodeText('Usable on this node.'),
  type: text('PVE type: dir, zfspool, nfs ...'),
  content: choice(CONTENT, 'For this content.'),
  status: choice(STORAGE_STATUSES, 'In this status.'),
  shared: flag('false: only local ones.'),
  at: text('As it was then.'),
  ...questionArguments('As free_gib<50.'),
  ...listArguments(SORTS),
};

/** The arguments of a list of storages. */
export interface StorageListInput extends ShortListInput, QuestionInput {
  node?: string | undefined;
  type?: string | undefined;
  content?: string | undefined;
  status?: StorageFact['status'] | undefined;
  shared?: boolean | undefined;
}

/** Storages now or as they were. @throws UsageError for invalid fields */
export async function listStorages(input: StorageListInput, context: ToolContext) {
  const { store, timeZone } = context;
  const moment = await listMoment(input, context);
  const { seq, at, then } = moment;
  const question = readQuestion(input, STORAGE_BOOK, { now: at, timeZone }, then);
  const all = then
    ? await loadStoragesThen(store, seq, input.node)
    : await loadStorages(store, { node: input.node, from: input.cursor === undefined ? undefined : seq });
  const facts = all.filter(fact => matches(fact, input));
  const sorted = { ...input, sort: input.sort ?? 'storage' };
  const { notes, ...list } = shortList(facts, sorted, question, {
    kind: kindOf(timeZone),
    seq,
    at,
    timeZone,
  });
  return {
    ...list,
    ...(then && { at: formatTime(at, timeZone) }),
    ...(await beginningOf(store, moment.resolved, timeZone)),
    ...hints(
      moment.hint,
      list.total === 0
        ? await emptyHint(input, store)
        : narrowHint(list.total, list.rows.length, 'node, type, content, shared or where'),
      ...notes,
    ),
  };
}

function matches(fact: StorageFact, input: StorageListInput): boolean {
  return (
    (input.type === undefined || fact.type === input.type) &&
    (input.content === undefined || fact.content.includes(input.content)) &&
    (input.shared === undefined || fact.shared === input.shared) &&
    (input.status === undefined || fact.status === input.status)
  );
}

function kindOf(timeZone: string): ListKind<StorageFact> {
  const sum = (facts: readonly StorageFact[], of: (fact: StorageFact) => number | null) =>
    gib(facts.reduce((total, fact) => total + (fact.isSizeCurrent ? (of(fact) ?? 0) : 0), 0));
  return {
    book: STORAGE_BOOK,
    row: fact => storageRow(fact, timeZone),
    sums: facts => {
      const sizeless = facts.filter(fact => !fact.isSizeCurrent).length;
      return {
        storages: facts.length,
        total_gib: sum(facts, fact => fact.totalBytes),
        used_gib: sum(facts, fact => fact.usedBytes),
        sizes_unknown: sizeless > 0 ? sizeless : null,
      };
    },
    isUnseen: fact => fact.out !== null,
    name: fact => `${fact.storage}${fact.node === null ? '' : ` on ${fact.node}`}`,
  };
}

async function emptyHint({ node, type, where }: StorageListInput, store: StoreReader): Promise<string> {
  const [storages, nodes] = await Promise.all([store.storages(), store.nodes()]);
  if (storages.length === 0) return 'No storage can be seen: the token may lack Datastore.Audit.';
  if (node !== undefined && !nodes.some(one => one.id === node))
    return `There is no such node. There are ${quotedList(nodes.map(one => one.id).slice(0, 10))}.`;
  const types = [...new Set(storages.map(storage => storage.type))].sort();
  if (type !== undefined && !types.includes(type))
    return `There is no storage of that type. There are ${quotedList(types.slice(0, 20))}.`;
  return `None of the ${storages.length} storages matches; leave a ${where?.length ? 'condition' : 'filter'} out.`;
}
