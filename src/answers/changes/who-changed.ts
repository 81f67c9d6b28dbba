import { sameField } from '../../history/causes.ts';
import { parseKey } from '../../model/resource.ts';
import type { StoreReader } from '../../model/store.ts';
import { findAuthors } from './causes.ts';

/** The clock that dated a change may differ a little (ms). */
const SLACK_MS = 60_000;

/**
 * Who last changed a field of a guest (`vm/101`) since a moment (ms), as far as history tells; null if it did not change or its
 * author is unknown.
 */
export async function whoChanged(
  store: StoreReader,
  resource: string,
  path: string,
  since: number,
): Promise<string | null> {
  const key = parseKey(resource);
  const steps = await store.steps({ resource: key, since: since - SLACK_MS });
  const last = steps.findLast(
    step => step.windowBefore >= since && step.fields.some(field => sameField(field.path, path)),
  );
  if (last === undefined) return null;
  const [found] = await findAuthors([{ ...last, key }], store);
  const cause = found!.causes.findLast(
    ({ fields }) => fields === undefined || fields.some(field => sameField(field, path)),
  );
  return cause?.user ?? null;
}
