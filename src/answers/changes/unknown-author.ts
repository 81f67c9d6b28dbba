import type { Unknown, UnknownCode } from '../../history/unknown-author.ts';
import { clusterText } from '../format/text.ts';

/** Each reason as a person reads it; no code depends on these texts. */
const WORDS: { readonly [code in UnknownCode]: string } = {
  'untraced-edit': 'edits of pools, HA, storage, jobs and options leave neither task nor log line',
  'container-edit': 'edits of containers leave neither task nor log line',
  'by-itself':
    'no task on its node did it: from inside the guest, a crash or lack of memory, a backup in stop mode, or the node itself',
  'node-outage': 'its node was down',
  'node-left': 'its node left the cluster',
  'taken-over':
    'its node was down: the HA manager, or somebody in a shell, starts it elsewhere and leaves no task for that',
  quorum: 'nodes lose and find one another without a task',
  membership: 'nodes join and leave in a shell (pvecm), which leaves no task there',
  node: 'nodes stop, start and fail without a task',
  storage: 'a storage fails and comes back without a task',
  'ha-manager': 'the HA manager, or an edit of its resources, which leaves neither task nor log line',
  upgrade: 'upgrades run in a shell and leave no record of their own',
  'own-log': 'the token may read only its own lines of the cluster log (needs Sys.Syslog on /)',
  'log-unread': 'the cluster log could not be read then',
  'log-gap':
    'the cluster log had dropped its lines of that time before anybody looked, or their clock was set',
  'own-tasks': 'the token sees only tasks of its own user (needs Sys.Audit)',
  'tasks-unread': 'task lists could not be read',
  several: 'several clones were made then, and neither their tasks nor their logs name what each made',
  'no-record': 'neither a task nor a log line that could have done it was seen',
};
const PATHS_NAMED = 3;
const REASONS_NAMED = 3;

/** Why nobody is named, in one line. Paths are named if they are not the whole change (`hasMore`). */
export function unknownText(unknown: readonly Unknown[], hasMore: boolean): string | null {
  if (unknown.length === 0) return null;
  return unknown
    .slice(0, REASONS_NAMED)
    .map(({ code, paths, nodes }) => {
      const of = nodes !== undefined && nodes.length > 0 ? ` (${clusterText(nodes.join(', '), 80)})` : '';
      const text = `${WORDS[code]}${of}`;
      if (!hasMore && unknown.length === 1) return text;
      const more = paths.length > PATHS_NAMED ? ` and ${paths.length - PATHS_NAMED} more` : '';
      return `${clusterText(paths.slice(0, PATHS_NAMED).join(', '), 120)}${more}: ${text}`;
    })
    .join('; ');
}
