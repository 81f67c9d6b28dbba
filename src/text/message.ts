import { oneLine, visibleText } from './clean.ts';
import { maskedLine } from './mask.ts';
import { MADE_UP } from './secret-bare.ts';

/**
 * One of our files or options by its name, a colon, and words: `/run/secrets/token: permission denied`. What names a secret
 * there is no name before a value, unless what follows looks like one.
 */
const OF_OURS = new RegExp(
  `((?:(?<![^\\s"'(=])[~.]{0,2}(?:/[\\w.@+~-]{1,100}){2,30}|\\b(?:PROXMOX|DATABASE)_[A-Z_]{1,40}(?: "[^"]{0,200}")?)["']?:[ ]{1,3})(?!${MADE_UP}|[^\\s]{1,200}=)`,
  'iu',
);

/** One of our sentences for a log or an error, which may quote the cluster: in one line, without secrets. */
export function messageText(text: string): string {
  // What split keeps besides the parts: the names, and an empty group.
  const parts = visibleText(text).split(OF_OURS);
  return parts.map((part = '', at) => (at % GROUPS === 1 ? oneLine(part) : maskedLine(part))).join('');
}

/** Parts that split gives for each name it finds. */
const GROUPS = 3;
