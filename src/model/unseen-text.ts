import { counted } from '../text/counted.ts';
import type { GuestPart, HiddenPart, NodePart, PlainPart, UnseenPart } from './unseen.ts';

/** What could not be seen, in words for people; nothing parses them. */
export function unseenText(part: UnseenPart): string {
  switch (part.code) {
    case 'resource':
      return part.resource;
    case 'usage':
      return `usage of ${part.resource}`;
    case 'config':
    case 'pending':
    case 'snapshots':
      return `${OF_GUESTS[part.code]} of ${'resource' in part ? part.resource : counted(part.count, 'guest')}`;
    case 'guests':
      return `${counted(part.count, 'guest')} on node ${part.node}`;
    case 'new-guests':
      return counted(part.count, 'new guest');
    case 'storages':
      return counted(part.count, 'storage');
    case 'tasks':
    case 'version':
    case 'replication':
    case 'changed-guests':
    case 'storage-views':
      return `${OF_NODES[part.code]} node ${part.node}`;
    case 'backups-on':
      return `backups on storage ${part.source}`;
    case 'hidden':
      return hiddenText(part.parts);
    case 'other':
      return part.text;
    default:
      return PLAIN[part.code];
  }
}

const OF_GUESTS: { [part in GuestPart]: string } = {
  config: 'config',
  pending: 'pending changes',
  snapshots: 'snapshots',
};

const OF_NODES: { [part in NodePart]: string } = {
  tasks: 'tasks of',
  version: 'version of',
  replication: 'replication of',
  'changed-guests': 'changed guests on',
  'storage-views': 'storages seen from',
};

const PLAIN: { [part in PlainPart]: string } = {
  quorum: 'quorum of the cluster',
  votes: 'votes of the cluster',
  'storage-definitions': 'storage definitions',
  backups: 'backups',
  'backup-jobs': 'backup jobs',
  pools: 'pools',
  ha: 'high availability',
  'ha-rules': 'rules of high availability',
  'ha-status': 'status of high availability',
  'datacenter-options': 'options of the datacenter',
  locks: 'locks',
};

const HIDDEN: { [part in HiddenPart]: string } = {
  guests: 'guests',
  addresses: 'addresses in guests',
  storages: 'storages',
  backups: 'backups',
  tasks: 'tasks and figures of nodes',
  pools: 'pools',
  log: 'lines of the log',
  cluster: 'what is set for the whole cluster',
};

function hiddenText(parts: readonly HiddenPart[]): string {
  const words = parts.map(part => HIDDEN[part]).join(', ');
  return `${words.replace(/, ([^,]*)$/, ', and $1')} that this token may not see`;
}
