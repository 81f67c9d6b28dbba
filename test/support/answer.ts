/**
 * A row, or an object, of a tool's answer. What it holds is told to models in words and no schema types it (src/mcp/define/output.ts),
 * and a test names the field that it looks at: this one open type stands for all of them.
 */
export type Shown = any;

/** A tool's structured answer: lists by the names that tools give them, and what the server adds to each. */
export interface Answer {
  guests: Shown[];
  groups: Shown[];
  history: Shown[];
  changes: Shown[];
  differences: Shown[];
  findings: Shown[];
  attention: Shown[];
  matches: Shown[];
  usage: Shown[];
  steps: Shown[];
  rules: Shown[];
  exceptions: Shown[];
  trouble: Shown[];
  columns: string[];
  rows: Shown[][];
  unseen: Shown[];
  total: number;
  /** Lists of one tool and objects of another, and what is only sometimes there. */
  [name: string]: Shown;
}
