import { Document, isMap, parseDocument } from 'yaml';
import { faultOfName } from '../clusters/names.ts';
import { UsageError } from '../errors.ts';

/**
 * The text of a file of clusters ('' if there is none yet) with one cluster added, or replaced if it has the same name;
 * everything else is kept, including comments. `env` holds its options by the names of variables.
 * @throws UsageError for an invalid name, and if the text is no such file
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
