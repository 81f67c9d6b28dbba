import { formatTime } from '../../history/moment.ts';
import type { Row } from '../../mcp/define/output.ts';
import { isObject, type JsonObject, type JsonValue } from '../../model/state.ts';
import { fitRows } from '../format/page.ts';
import { clusterText, stateValue } from '../format/text.ts';

/** Most bytes shown of a configuration, and most characters of each text in it. */
const CONFIG_BYTES_AT_MOST = 6_000;
const NOTE_AT_MOST = 1_000;
const SNAPSHOTS_AT_MOST = 50;

/** A configuration key by key, safe to show; beyond a limit the remaining keys are only counted. */
export function configFacts(config: JsonObject): Row {
  const entries = Object.entries(config)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [clusterText(key, 60), stateValue(`config.${key}`, value, NOTE_AT_MOST)] as const);
  const fitting = fitRows(entries, CONFIG_BYTES_AT_MOST);
  const left = entries.length - fitting.length;
  return { ...Object.fromEntries(fitting), ...(left > 0 && { more_keys: left }) };
}

/** The values that wait for the next restart, with the running ones: `[{path, running, after_restart}]`. */
export function pendingFacts(config: JsonObject, pending: JsonObject): Row[] {
  const rows = Object.entries(pending).flatMap(([key, next]) => {
    // The pending value could not be read yet.
    if (next === null) return [];
    const [running, waiting] = [leaves(key, config[key] ?? null), leaves(key, next)];
    return [...new Set([...waiting.keys(), ...(isObject(next) ? running.keys() : [])])].flatMap(path => {
      const [from, to] = [running.get(path) ?? null, waiting.get(path) ?? null];
      return from === to
        ? []
        : [
            {
              path: clusterText(path, 120),
              running: stateValue(path, from ?? config[key] ?? null),
              after_restart: stateValue(path, to),
            },
          ];
    });
  });
  return fitRows(rows, CONFIG_BYTES_AT_MOST / 2);
}

/** Proxmox snapshots, newest first. */
export function snapshotFacts(snapshots: { [name: string]: number }, timeZone: string): Row[] {
  return Object.entries(snapshots)
    .sort(([, a], [, b]) => b - a)
    .slice(0, SNAPSHOTS_AT_MOST)
    .map(([name, at]) => ({ name: clusterText(name, 60), created_at: formatTime(at, timeZone) }));
}

function leaves(path: string, value: JsonValue): Map<string, JsonValue> {
  if (!isObject(value)) return new Map([[path, value]]);
  return new Map(Object.entries(value).map(([name, part]) => [`${path}.${name}`, part]));
}
