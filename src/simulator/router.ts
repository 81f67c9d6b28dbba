import type { Route } from './route.ts';

interface Branch {
  route?: Route;
  children: Map<string, Branch>;
  placeholder?: { name: string; branch: Branch };
}

/** Finds the route of a path; placeholders match one segment each. */
export class Router {
  readonly #roots = new Map<string, Branch>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const method = route.method ?? 'GET';
      let branch: Branch = this.#roots.get(method) ?? { children: new Map() };
      this.#roots.set(method, branch);
      for (const segment of segments(route.path)) {
        if (segment.startsWith('{')) {
          branch.placeholder ??= { name: segment.slice(1, -1), branch: { children: new Map() } };
          branch = branch.placeholder.branch;
        } else {
          const child: Branch = branch.children.get(segment) ?? { children: new Map() };
          branch.children.set(segment, child);
          branch = child;
        }
      }
      if (branch.route !== undefined) throw new Error(`two routes for ${method} ${route.path}`);
      branch.route = route;
    }
  }

  /** The route and the values of its placeholders, decoded. */
  find(method: string, path: string): { route: Route; values: Record<string, string> } | undefined {
    let branch = this.#roots.get(method);
    const values: Record<string, string> = {};
    for (const raw of segments(path)) {
      const segment = decodeURIComponent(raw);
      const child: Branch | undefined = branch?.children.get(segment);
      if (child !== undefined) branch = child;
      else if (branch?.placeholder !== undefined) {
        values[branch.placeholder.name] = segment;
        branch = branch.placeholder.branch;
      } else return undefined;
    }
    return branch?.route === undefined ? undefined : { route: branch.route, values };
  }
}

function segments(path: string): string[] {
  return path.split('/').filter(segment => segment !== '');
}
