import type { LeftOut, PlanStep } from '../model/plan.ts';
import { isObject, type JsonObject, type JsonValue, PENDING_DELETION } from '../model/state.ts';
import { oneLine } from '../text/clean.ts';
import { plainWord } from '../text/cluster-text.ts';
import { withoutLinks, withoutTags } from '../text/defuse.ts';
import { maskText } from '../text/mask.ts';
import { listOf } from './expected.ts';
import type { Subject } from './subject.ts';
import { leafOf } from './value.ts';

/** One change of one resource, for a command line. */
export type Move = Pick<PlanStep | LeftOut, 'resource' | 'path'> & { from: JsonValue; to: JsonValue };

/** Texts that a shell leaves unchanged. */
const BARE = /^[A-Za-z0-9_/:=.,@%+][A-Za-z0-9_/:=.,@%+-]*$/;

/** A text as one word of a POSIX shell, on one line, whatever it contains. */
export function shellWord(text: string): string {
  if (BARE.test(text)) return text;
  if (!/[\p{Cc}\u2028\u2029]/u.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  // Bytes are written as octal numbers, since line breaks and exclamation marks mean something to shells.
  const bytes = [...Buffer.from(text)].map(byte => `\\0${byte.toString(8).padStart(3, '0')}`);
  return `"$(printf '%b' '${bytes.join('')}')"`;
}

/**
 * The command lines that a person runs on the resource's node to make these changes, all of one resource. Empty where there are
 * none, or where an answer could not show them exactly.
 */
export function commandLines(subject: Subject, moves: readonly Move[], restart: boolean): string[] {
  const lines =
    subject.type === 'storage' ? storageLines(subject, moves) : guestLines(subject, moves, restart);
  const node = subject.node === null ? null : plainWord(subject.node);
  return lines
    .filter(line => withoutLinks(withoutTags(maskText(oneLine(line)))) === line)
    .map(line =>
      node === null || /^(?:pvesh|ha-manager|pvesm) /.test(line) ? line : `${line}  # on ${node}`,
    );
}

function guestLines(subject: Subject, moves: readonly Move[], restart: boolean): string[] {
  const tool = subject.type === 'vm' ? 'qm' : 'pct';
  const vmid = subject.resource.slice(subject.resource.indexOf('/') + 1);
  const of = (path: string) => moves.find(move => move.path === path);
  const [status, node, pool, ha] = ['status', 'node', 'pool', 'ha'].map(of);
  const settings = settingsOf(subject, moves);
  const snapshots = moves.filter(move => move.path === 'snapshots');
  return [
    ...snapshots.map(move => `${tool} snapshot ${vmid} ${shellWord(String(move.to))}`),
    ...(settings.length > 0 ? [`${tool} set ${vmid} ${settings.join(' ')}`] : []),
    ...(restart ? [`${tool} reboot ${vmid}`] : []),
    ...(status ? [`${tool} ${status.to === 'running' ? 'start' : 'shutdown'} ${vmid}`] : []),
    ...(node ? [`${tool} migrate ${vmid} ${shellWord(String(node.to))}${liveOption(subject)}`] : []),
    ...(pool ? [poolLine(vmid, pool)] : []),
    ...(ha ? [haLine(subject, vmid, ha)] : []),
  ];
}

function liveOption({ type, own }: Subject): string {
  if (own['status'] !== 'running') return '';
  return type === 'vm' ? ' --online' : ' --restart';
}

function poolLine(vmid: string, { from, to }: Move): string {
  if (to === null) return `pvesh set /pools --poolid ${shellWord(String(from))} --vms ${vmid} --delete 1`;
  return `pvesh set /pools --poolid ${shellWord(String(to))} --vms ${vmid}${from === null ? '' : ' --allow-move 1'}`;
}

function haLine({ type }: Subject, vmid: string, { from, to }: Move): string {
  const sid = `${type === 'vm' ? 'vm' : 'ct'}:${vmid}`;
  if (to === null) return `ha-manager remove ${sid}`;
  return `ha-manager ${from === null ? 'add' : 'set'} ${sid} --state ${shellWord(String(to))}`;
}

/** Options of `qm set` and `pct set`: each key with its whole value, including unchanged parts. */
function settingsOf(subject: Subject, moves: readonly Move[]): string[] {
  const keys = new Map<string, Move[]>();
  for (const move of moves) {
    const key = move.path.startsWith('config.') ? move.path.split('.')[1]! : optionOf(subject, move.path);
    if (key !== null) keys.set(key, [...(keys.get(key) ?? []), move]);
  }
  const gone: string[] = [];
  const set: string[] = [];
  for (const [key, some] of keys) {
    const text = wholeValue(subject, key, some);
    if (text === null) gone.push(key);
    else set.push(option(key, text));
  }
  return gone.length > 0 ? [...set, option('delete', gone.join(','))] : set;
}

function optionOf({ type }: Subject, path: string): string | null {
  if (path === 'name') return type === 'vm' ? 'name' : 'hostname';
  return path === 'tags' ? 'tags' : null;
}

/** A value that begins with a dash would be read as an option. */
function option(key: string, text: string): string {
  return text.startsWith('-') ? `--${key}=${shellWord(text)}` : `--${key} ${shellWord(text)}`;
}

function wholeValue(subject: Subject, key: string, moves: readonly Move[]): string | null {
  const [first] = moves;
  if (key === 'tags') return listOf(first!.to).length === 0 ? null : listOf(first!.to).join(';');
  if (first!.path.split('.').length < 3) return first!.to === null ? null : String(first!.to);
  const parts: JsonObject = { ...partsNow(subject, key) };
  for (const { path, to } of moves) {
    const part = path.split('.')[2]!;
    if (to === null) delete parts[part];
    else parts[part] = to;
  }
  return Object.keys(parts).length === 0 ? null : propertyString(subject, key, parts);
}

function partsNow({ config, pending }: Subject, key: string): JsonObject {
  const waiting = pending?.[key];
  const value = waiting === PENDING_DELETION ? null : (waiting ?? config?.[key]);
  return isObject(value) ? value : {};
}

/** A property string in Proxmox's form: a card begins with its model and address, a disk with its volume. */
function propertyString({ type }: Subject, key: string, parts: JsonObject): string {
  const { model, macaddr, volume, ...others } = parts;
  const head =
    type === 'vm' && key.startsWith('net') && model !== undefined
      ? [macaddr === undefined ? String(model) : `${String(model)}=${String(macaddr)}`]
      : Object.entries({ model, macaddr }).flatMap(([name, value]) =>
          value === undefined ? [] : [`${name}=${String(value)}`],
        );
  const first = volume === undefined ? [] : [String(volume)];
  return [
    ...first,
    ...head,
    ...Object.entries(others).map(([name, value]) => `${name}=${String(value)}`),
  ].join(',');
}

function storageLines(subject: Subject, moves: readonly Move[]): string[] {
  const id = shellWord(subject.resource.slice('storage/'.length));
  const options = moves.flatMap(({ path, to }) => {
    const name = path.replace(/^options\./, '');
    if (path === 'enabled') return [option('disable', to === true ? '0' : '1')];
    if (path === 'shared') return [option('shared', to === true ? '1' : '0')];
    const text = Array.isArray(to) ? to.join(',') : to === null ? '' : String(leafOf(to, undefined));
    return [text === '' ? option('delete', name) : option(name, text)];
  });
  return options.length === 0 ? [] : [`pvesm set ${id} ${options.join(' ')}`];
}
