import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers } from './answers.ts';
import { apply } from './apply.ts';
import { conditions } from './conditions.ts';
import { databaseWrites } from './database-writes.ts';
import { desired } from './desired.ts';
import { discovery } from './discovery.ts';
import { history } from './history.ts';
import { largeCluster } from './large-cluster.ts';
import { load } from './load.ts';
import { pages } from './pages.ts';
import { sql } from './sql.ts';
import { start } from './start.ts';
import { measuredLine, withReport } from './support/benchmarks-doc.ts';
import { machine } from './support/machine.ts';
import { removeStaged } from './support/package.ts';
import { checksTable, tableText } from './support/report.ts';
import { usage } from './usage.ts';

/*
 * `npm run bench [-- NAME ...] [--full] [--write]`: prints tables and writes bench/results/NAME.json, with `--write` into
 * docs/benchmarks.md as well. Each figure stands beside a floor measured in the same run, because machines differ.
 */
const BENCHMARKS = [
  start,
  answers,
  conditions,
  sql,
  discovery,
  largeCluster,
  history,
  databaseWrites,
  desired,
  apply,
  load,
  usage,
  pages,
];
const results = fileURLToPath(new URL('results', import.meta.url));
const document = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

const words = process.argv.slice(2);
const full = words.includes('--full');
const intoDocs = words.includes('--write');
const names = words.filter(word => !word.startsWith('--'));
const unknown = names.filter(name => !BENCHMARKS.some(benchmark => benchmark.name === name));
if (unknown.length > 0) {
  console.error(
    `No benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(2);
}

const facts = machine();
console.log(
  `${facts.cpu}, ${facts.cores} cores, ${facts.memoryGb} GB; ${facts.system}; Node ${facts.node}\n`,
);
await mkdir(results, { recursive: true });
let failed = false;
try {
  for (const benchmark of BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const started = performance.now();
    const [load = 0] = loadavg();
    console.log(`## ${benchmark.title}\n`);
    try {
      const report = await benchmark.run({ full });
      const { tables, checks } = report;
      for (const table of tables) console.log(`${tableText(table)}\n`);
      if (checks.length > 0) console.log(`${tableText(checksTable(checks))}\n`);
      const seconds = Math.round((performance.now() - started) / 1000);
      console.log(`(${seconds} s)\n`);
      const written = { name: benchmark.name, at: new Date().toISOString(), full, seconds, machine: facts };
      await writeFile(
        join(results, `${benchmark.name}.json`),
        `${JSON.stringify({ ...written, tables, checks }, null, 2)}\n`,
      );
      if (!intoDocs) continue;
      const measured = measuredLine(new Date(), full, load);
      await writeFile(document, withReport(await readFile(document, 'utf8'), benchmark, report, measured));
    } catch (error) {
      failed = true;
      console.error(`${benchmark.name} failed:`, error);
    }
  }
} finally {
  await removeStaged();
}
process.exit(failed ? 1 : 0);
