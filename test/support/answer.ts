import * as z from 'zod';
import type { Row } from '../../src/mcp/define/output.ts';
import * as row from './answer-rows.ts';

const text = z.string();
const number = z.number();
const texts = z.array(text);

/** What every answer may say of itself. */
const AROUND = {
  ...{
    untrusted: text,
    // A time for each facet under `detail: full`.
    as_of: z.union([text, z.record(text, text)]),
    source: text,
    hint: text,
    stale: row.facts({ since: text, reason: text }),
  },
  ...{ unseen: z.array(row.unseen), total: number, unseen_total: number, next_cursor: text },
  ...{ history_starts_at: text, error: text },
  // Of several clusters: of which one, or what each says for itself.
  ...{ cluster: text, clusters: z.array(row.ofCluster) },
};

/** A list as it is now or was at a moment, or groups of it. */
const list = <S extends z.ZodRawShape>(rows: S) =>
  row.facts({ ...AROUND, ...rows, groups: z.array(row.group), at: text });

const answer = <S extends z.ZodRawShape>(fields: S) => row.facts({ ...AROUND, ...fields });

/** What each tool answers. */
export const ANSWERS = {
  list_guests: list({ guests: z.array(row.guest) }),
  list_vms: list({ vms: z.array(row.guest) }),
  list_containers: list({ containers: z.array(row.guest) }),
  list_nodes: list({ nodes: z.array(row.node) }),
  list_storage: list({ storage: z.array(row.storage) }),
  list_tasks: answer({ tasks: z.array(row.task) }),
  get_cluster_status: answer(row.STATUS),
  get_resource: answer({ resource: row.resource }),
  get_task: answer({ task: row.task, log: texts, trouble: z.array(row.trouble), left_out: number }),
  find_resources: answer({ matches: z.array(row.match) }),
  diff_state: answer({
    ...{ changes: z.array(row.change), differences: z.array(row.difference), counts: row.counts },
    ...{ from: text, to: text, next_from: text, resource: text, with: text, revision: number },
  }),
  show_history: answer({ history: z.array(row.change) }),
  timeline_facts: answer({ history: z.array(row.change) }),
  check_health: answer({
    ...{ findings: z.array(row.finding), counts: row.counts, impact: row.impact },
    ...{ silenced: z.array(row.silenced), silenced_total: number },
  }),
  show_usage: answer({ usage: z.array(row.usageRow), timeframe: text }),
  query_sql: answer({ columns: texts, rows: z.array(z.array(z.unknown())), truncated: z.boolean() }),
  declare_state: answer({
    ...{ revision: number, rules: z.array(row.rule), exceptions: z.array(row.exception) },
    ...{ file_lines: texts, more_file_lines: number },
  }),
  plan_changes: answer({
    ...{
      plan: text,
      expires_at: text,
      expired: z.boolean(),
      approve: text,
      commands: texts,
      more_commands: number,
    },
    ...{ steps: z.array(row.step), left_out: z.array(row.step), more_left_out: number },
  }),
  apply_plan: answer({
    ...{ plan: text, outcome: text, steps: z.array(row.step), more_steps: number, undo: text },
    ...{ refusals: z.array(row.refusal), error: text },
  }),
  discover: answer({
    run: row.facts({
      id: number,
      started_at: text,
      finished_at: text,
      duration_ms: number,
      api_calls: number,
    }),
    ...{ counts: row.counts, changes: z.array(row.change), warnings: texts },
  }),
};

/** What of an answer is not among these names or not of its type, but for the columns that were `asked` for by name. */
export function strangeIn(tool: Tool, answered: object, asked: readonly string[]): string[] {
  const { error } = ANSWERS[tool].safeParse(answered);
  return (error?.issues ?? []).flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.filter(key => !asked.includes(key)).map(key => [...issue.path, key].join('.'))
      : [`${issue.path.join('.')}: ${issue.message}`],
  );
}

/** The rows of a list that a test goes through by its name. */
export function rowsIn(answer: object, list: string): Row[] {
  return (answer as { [list: string]: Row[] })[list]!;
}

/** The tools whose answers tests read. */
export type Tool = keyof typeof ANSWERS;

const AROUND_ANSWER = row.facts(AROUND);

/** A tool's answer as a client reads it; of a tool that is not known by its name, what every answer may have. */
export type Answer<T extends string = string> = T extends Tool
  ? z.output<(typeof ANSWERS)[T]>
  : z.output<typeof AROUND_ANSWER>;

export type Cause = z.output<typeof row.cause>;
export type Change = z.output<typeof row.change>;
export type Guest = z.output<typeof row.guest>;
export type Node = z.output<typeof row.node>;
export type Resource = z.output<typeof row.resource>;
export type Storage = z.output<typeof row.storage>;
export type Task = z.output<typeof row.task>;
