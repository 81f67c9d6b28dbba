import { hints } from '../src/answers/format/hints.ts';
import { fitRows } from '../src/answers/format/page.ts';
import { usageFacts } from '../src/answers/usage/facts.ts';
import { usageRows } from '../src/answers/usage/rows.ts';
import { USAGE_APP } from '../src/mcp/define/app.ts';
import { choice, readArguments, text, whole } from '../src/mcp/define/input.ts';
import { rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import { TIMEFRAMES, type Timeframe, USAGE_METRICS } from '../src/model/usage.ts';

/** Other names for a time frame. */
const SPANS: { [words: string]: Timeframe } = {
  '1h': 'hour',
  '24h': 'day',
  '1d': 'day',
  today: 'day',
  '7d': 'week',
  '1w': 'week',
  '30d': 'month',
  '365d': 'year',
  '1y': 'year',
};

/** From Proxmox's round robin databases, which reach back a year even on the first start. */
export const showUsage = defineTool({
  name: 'show_usage',
  title: 'Usage over time',
  description:
    'Load and fill over time, as Proxmox recorded it, of named resources or the top ones; gaps are null. until_full: the day and its ' +
    'spread, or why none can be told. Example: {"top":10,"metric":"memory"} or {"resource":"storage/nas","timeframe":"year"}.',
  input: {
    resource: text('vm/101, node/pve1, storage/nas; several by comma.'),
    top: whole(1, 50, 'How many.'),
    type: choice(['vm', 'container', 'guest', 'node', 'storage'], 'What top ranks.', {
      qemu: 'vm',
      lxc: 'container',
      ct: 'container',
      guests: 'guest',
    }),
    metric: choice(USAGE_METRICS, 'Default all; of top cpu.', {
      ram: 'memory',
      mem: 'memory',
      net: 'network',
    }),
    timeframe: choice(TIMEFRAMES, 'Default day, of storages month.', SPANS),
    ...readArguments,
  },
  output: {
    usage: rowsOutput(
      'resource, metric, unit, capacity, min, median, p95, max, now, slope_per_day, until_full, gaps, sparkline, points.',
    ),
  },
  annotations: READ_ONLY,
  app: USAGE_APP,
  needs: ['inventory', 'storage'],
  example: { top: 10, metric: 'memory' },
  handler: async (input, context) => {
    const { max_age_seconds: seconds, detail, ...question } = input;
    const maxAgeMs = seconds === undefined ? undefined : seconds * 1000;
    const { facts, timeframe, notes } = await usageFacts(context, { ...question, maxAgeMs });
    const rows = usageRows(facts, { timeZone: context.timeZone, points: detail === 'full' });
    const usage = fitRows(rows);
    const cut =
      usage.length < rows.length && `${rows.length - usage.length} more rows do not fit: name fewer.`;
    return { usage, timeframe, ...hints(...notes, cut) };
  },
});
