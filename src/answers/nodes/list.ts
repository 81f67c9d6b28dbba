import { formatTime } from '../../history/moment.ts';
import { choice, listArguments, text } from '../../mcp/define/input.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import { NODE_STATUSES } from '../../model/status.ts';
import { beginningOf } from '../changes/history-start.ts';
import { hints } from '../format/hints.ts';
import { gib } from '../format/units.ts';
import { questionArguments } from '../where/arguments.ts';
import { listMoment } from '../where/list-moment.ts';
import { type QuestionInput, readQuestion } from '../where/question.ts';
import { type ListKind, type ShortListInput, shortList } from '../where/short-list.ts';
import type { NodeFact } from './fact.ts';
import { NODE_BOOK } from './fields.ts';
import { loadNodes, loadNodesThen, withDetails } from './load.ts';
import { nodeRow } from './rows.ts';

/** What node lists can be sorted by. */
const SORTS = ['node', 'status', 'cpu_percent', 'memory_percent', 'uptime_seconds', 'guests'] as const;

/** Arguments of the list of nodes. */
export const nodeListArguments = {
  status: choice(NODE_STATUSES, 'unknown: nobody can judge it now.'),
  at: text('As it was then.'),
  ...questionArguments('As version<8.2.'),
  ...listArguments(SORTS),
};

/** The arguments of a list of nodes. */
export interface NodeListInput extends ShortListInput, QuestionInput {
  status?: NodeFact['status'] | undefined;
}

/** Nodes now or as they were, with what is allocated to their guests. @throws UsageError for invalid fields */
export async function listNodes(input: NodeListInput, context: ToolContext) {
  const { store, timeZone } = context;
  const moment = await listMoment(input, context);
  const { seq, at, then } = moment;
  const question = readQuestion(input, NODE_BOOK, { now: at, timeZone }, then);
  const nodes = then
    ? await loadNodesThen(store, { seq, at })
    : await loadNodes(store, input.cursor === undefined ? undefined : seq);
  const known = question.needs.size > 0 ? await withDetails(store, nodes) : nodes;
  const facts = known.filter(node => input.status === undefined || node.status === input.status);
  const sorted = { ...input, sort: input.sort ?? 'node' };
  const { notes, ...list } = shortList(facts, sorted, question, {
    kind: kindOf(timeZone),
    seq,
    at,
    timeZone,
  });
  const what = input.status === undefined || input.where?.length ? 'matches' : `is ${input.status}`;
  const none = nodes.length > 0 && list.total === 0 && `None of the ${nodes.length} nodes ${what}.`;
  return {
    ...list,
    ...(then && { at: formatTime(at, timeZone) }),
    ...(await beginningOf(store, moment.resolved, timeZone)),
    ...hints(moment.hint, none, ...notes),
  };
}

function kindOf(timeZone: string): ListKind<NodeFact> {
  return {
    book: NODE_BOOK,
    row: node => nodeRow(node, timeZone),
    sums: nodes => ({
      nodes: nodes.length,
      online: nodes.filter(node => node.status === 'online').length,
      cpus: total(nodes, node => node.cpus),
      memory_gib: gib(total(nodes, node => node.memoryBytes)),
      guests: total(nodes, node => node.guests),
    }),
    isUnseen: node => node.out !== null,
    name: node => node.node,
  };
}

function total<F>(facts: readonly F[], of: (fact: F) => number | null): number {
  return facts.reduce((sum, fact) => sum + (of(fact) ?? 0), 0);
}
