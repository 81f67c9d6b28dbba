import type { Step } from '../../src/model/change.ts';
import { formatKey, type ResourceKey } from '../../src/model/resource.ts';
import type { ChangeFacts } from './change-rows.ts';

interface NetChange extends ChangeFacts {
  incarnation: number;
}

/** Net changes with the windows of the steps that made them: those whose fields are still different at the end. */
export function changeWindows(changes: NetChange[], versions: Step[]): ChangeFacts[] {
  const lives = Map.groupBy(versions, version =>
    lifeOf({ type: version.type, id: version.resourceId }, version.incarnation),
  );
  return changes.map(change => {
    if (change.change !== 'updated') return change;
    const paths = new Set(change.fields.map(field => field.path));
    const steps = (lives.get(lifeOf(change.key, change.incarnation)) ?? []).filter(version =>
      version.fields.some(field => paths.has(field.path)),
    );
    return { ...change, windows: steps };
  });
}

function lifeOf(key: ResourceKey, incarnation: number): string {
  return `${formatKey(key)}#${incarnation}`;
}
