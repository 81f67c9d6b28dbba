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

/** What a plan is to change: the differences, and what is left out from the start. */
export interface Target {
  findings: ResourceFinding[];
  leftOut: LeftOut[];
  /** The moment it goes back to (ms). */
  at?: number;
  /** Among what is left out: fields that somebody changed since. */
  astray?: ResourceFinding[];
}

type Asking = Pick<ToolContext, 'store' | 'now' | 'timeZone'>;

/** Where a guest is and whether it runs: a plan to a moment includes these only if they are named. */
const BY_NAME: ReadonlySet<string> = new Set(['status', 'node', 'ha', 'template']);

/** The paths that fields mean; null for all. @throws UsageError for an unknown field */
export function pathsOf(fields: readonly string[] | undefined, match: Selector): string[] | null {
  return fields?.map(name => fieldCalled(name.replace(/[+-]$/, ''), typesOf(match)).field.path) ?? null;
}

/** Whether a path is one of those asked for, or part of one. */
export function isAsked(path: string, paths: readonly string[] | null): boolean {
  const plain = path.replace(/[+-]$/, '');
  return paths === null || paths.some(one => plain === one || plain.startsWith(`${one}.`));
}

/** How these subjects and fields differ from a declaration. */
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

/** How these subjects differ from settings. */
export function towardsSettings(
  match: Selector,
  fields: DeclaredFields,
  subjects: readonly Subject[],
  now: number,
): Target {
  return towards(withFields(NOTHING_DECLARED, match, fields), subjects, null, now);
}

/** How these subjects differ from their state at a moment: keys added since go, keys removed come back. */
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
    const { resource } = subject;
    const was = then.get(resource);
    const leave = (why: string) => target.leftOut.push({ resource, path: '*', why });
    if (was === undefined || was.incarnation !== subject.incarnation) leave('it was not there then');
    else if (was.unknown !== null) leave('it could not be seen then');
    // Its keys must not pass for absent.
    else if (was.config === null) leave('its configuration was not known then');
    else {
      const declaration = withFields(NOTHING_DECLARED, { resource }, formerFields(was, subject, paths));
      target.findings.push(...towards(declaration, [subject], null, now).findings);
    }
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

/** The changes that wait for a restart of these guests, as steps that restart them. */
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
