import { resolveResource } from '../src/answers/names/resolve.ts';
import { timelineFacts } from '../src/answers/timeline/facts.ts';
import { TIMELINE_APP } from '../src/mcp/define/app.ts';
import { choice, nodeText, readArguments, text } from '../src/mcp/define/input.ts';
import { rowsOutput } from '../src/mcp/define/output.ts';
import { defineTool, READ_ONLY } from '../src/mcp/define/tool.ts';
import { RESOURCE_TYPES } from '../src/model/resource.ts';

/** As much as a page can draw at once and hosts pass on. */
const AT_MOST = { rows: 2_000, bytes: 900_000 };

/** What the timeline page needs beyond an answer for models: the whole history, and when tasks ended. */
export const timelineFactsTool = defineTool({
  name: 'timeline_facts',
  title: 'Facts of the timeline',
  description:
    'For the timeline page alone: the whole history that show_history tells page by page, with the end of each task. ' +
    'Example: {"since":"7d"}.',
  forApps: true,
  app: TIMELINE_APP,
  input: {
    resource: text('Only this resource.'),
    type: choice(RESOURCE_TYPES, 'Only this type.'),
    node: nodeText('Only what happened on this node.'),
    user: text('Only what this user did.'),
    since: text('From this moment on; else from the beginning of history.'),
    until: text('Up to this moment.'),
    from: text('Same as since.'),
    to: text('Same as until.'),
    ...readArguments,
  },
  output: { history: rowsOutput('As in show_history; tasks also have until and result.') },
  annotations: READ_ONLY,
  needs: ['inventory', 'config', 'tasks', 'storage', 'datacenter'],
  example: { since: '7d' },
  handler: async (input, context) => {
    const { resource, type, node, user } = input;
    const meant =
      resource === undefined ? undefined : await resolveResource(context, resource, { allLives: true });
    const [since, until] = [input.since ?? input.from, input.until ?? input.to];
    return timelineFacts({ since, until, resource: meant?.key, type, node, user }, context, AT_MOST);
  },
});
