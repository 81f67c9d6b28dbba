import { Document, isMap, parseDocument } from 'yaml';
import { faultOfName } from '../clusters/names.ts';
import { UsageError } from '../errors.ts';

/**
 * The text of a file of clusters ('' where there is none yet) with one more of them, or another one in the place of that of
 * the same name; all else stays, comments too. `env` holds its options by the names of variables.
 * @throws UsageError for a name that cannot be one, and where the text is no such file
 */
export function withCluster(text: string, name: string, env: { [variable: string]: string }): string {
  const fault = faultOfName(name);
  if (fault !== undefined)
    throw new UsageError(`--cluster "${name.slice(0, 60)}": it ${fault}.`, {
      hint: 'Example: --cluster lab',
    });
  const document = text.trim() === '' ? new Document({}) : parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents))
    throw new UsageError('That file of clusters is no YAML with `clusters:`: nothing was written.');
  const options = Object.entries(env).map(([variable, value]) => [
    variable.replace(/^PROXMOX_(?:MPC_)?/, '').toLowerCase(),
    value,
  ]);
  document.setIn(['clusters', name], document.createNode(Object.fromEntries(options)));
  return document.toString();
}
