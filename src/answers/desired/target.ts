import type { FieldFinding, ResourceFinding } from '../../desired/comparison.ts';
import { compareDeclaration } from '../../desired/comparison.ts';
import { NOTHING_DECLARED, withFields } from '../../desired/declaration.ts';
import { fieldCalled, fieldOf, typesOf } from '../../desired/fields.ts';
import { takenFrom } from '../../desired/like.ts';
import type { Subject } from '../../desired/subject.ts';
import { actualOf } from '../../desired/value.ts';
import type { ToolContext } from '../../mcp/define/tool.ts';
import type { Declaration, DeclaredFields, Selector } from '../../model/declaration.ts';
import type { LeftOut } from '../../model/plan.ts';
import { isObject } from '../../model/state.ts';
import { beforeHistory } from '../changes/history-start.ts';
import { resolvePast } from '../moments.ts';
import { pastSubjects } from './subjects.ts';

/** What a plan leads to: the differences, and what is left out before any step is thought of. */
export interface Target {
  findings: ResourceFinding[];
  leftOut: LeftOut[];
  /** The moment it leads back to (ms). */
  at?: number;
  /** Of what is left out: fields that somebody changed since. */
  astray?: ResourceFinding[];
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone'>;

/** Fields that a plan to a moment has only where they are named: where a guest stands and whether it runs. */
const BY_NAME: ReadonlySet<string> = new Set(['status', 'node', 'ha', 'template']);

/** The paths that fields mean; null where all are meant. @throws UsageError for one that is none */
export function pathsOf(fields: readonly string[] | undefined, match: Selector): string[] | null {
  return fields?.map(name => fieldCalled(name.replace(/[+-]$/, ''), typesOf(match)).field.path) ?? null;
}

/** Whether a path is one of those asked for, or a part of one. */
export function isAsked(path: string, paths: readonly string[] | null): boolean {
  const plain = path.replace(/[+-]$/, '');
  return paths === null || paths.some(one => plain === one || plain.startsWith(`${one}.`));
}

/** What differs from a declaration, of these subjects and fields. */
export function towards(
  declaration: Declaration,
  subjects: readonly Subject[],
  paths: readonly string[] | null,
  now: number,
): Target {
  const { drifted } = compareDeclaration(declaration, subjects, { now, whole: false });
  const findings = drifted
    .map(({ subject, fields }) => ({ subject, fields: fields.filter(field => isAsked(field.path, paths)) }))
    .filter(({ fields }) => fields.length > 0);
  return { findings, leftOut: [] };
}

/** What differs from these settings. */
export function towardsSettings(
  match: Selector,
  fields: DeclaredFields,
  subjects: readonly Subject[],
  now: number,
): Target {
  return towards(withFields(NOTHING_DECLARED, match, fields), subjects, null, now);
}

/** What differs from how these were at a moment: keys that came since go, keys that went come back. */
export async function towardsMoment(
  moment: string,
  subjects: readonly Subject[],
  paths: readonly string[] | null,
  asking: Asking,
): Promise<Target> {
  const { store, now } = asking;
  const { seq, at, ...resolved } = await resolvePast(moment, asking);
  if (resolved.beforeHistory) throw await beforeHistory(asking);
  const then = new Map((await pastSubjects(store, seq)).map(subject => [subject.resource, subject]));
  const target: Target = { findings: [], leftOut: [], at };
  for (const subject of subjects) {
    const was = then.get(subject.resource);
    if (was === undefined || was.incarnation !== subject.incarnation) {
      target.leftOut.push({ resource: subject.resource, path: '*', why: 'it was not there then' });
      continue;
    }
    const fields = formerFields(was, subject, paths);
    const declaration = withFields(NOTHING_DECLARED, { resource: subject.resource }, fields);
    target.findings.push(...towards(declaration, [subject], null, now).findings);
  }
  return target;
}

function formerFields(was: Subject, subject: Subject, paths: readonly string[] | null): DeclaredFields {
  const wanted = (path: string) =>
    isAsked(path, paths) &&
    (!BY_NAME.has(path) || paths?.includes(path) === true) &&
    fieldOf(subject.type, path) !== undefined;
  const then = takenFrom({ ...was, pending: null }, null).fields;
  const present = takenFrom({ ...subject, pending: null, unknownFields: {} }, null).fields;
  const gone = Object.keys(present).filter(path => then[path] === undefined);
  return Object.fromEntries(
    [...Object.entries(then), ...gone.map(path => [path, null] as const)].filter(([path]) => wanted(path)),
  );
}

/** What waits for a restart of these guests, as steps that a restart takes. */
export function towardsRestart(subjects: readonly Subject[]): Target {
  const findings = subjects.flatMap((subject): ResourceFinding[] => {
    const fields = Object.entries(subject.pending ?? {}).flatMap(([key, waiting]) => {
      const running = subject.config?.[key];
      const parts = isObject(waiting)
        ? Object.keys({ ...(isObject(running) ? running : {}), ...waiting })
        : [undefined];
      return parts.flatMap((part): FieldFinding[] => {
        const path = part === undefined || part === 'current' ? `config.${key}` : `config.${key}.${part}`;
        const actual = actualOf(subject, path);
        if (actual === undefined || JSON.stringify(actual.value) === JSON.stringify(actual.running))
          return [];
        return [
          { path, declared: actual.value, actual: actual.running, state: 'pending', rules: [], revision: 0 },
        ];
      });
    });
    return fields.length === 0 ? [] : [{ subject, fields }];
  });
  return { findings, leftOut: [] };
}
