import { ProxmoxError } from './proxmox-error.ts';

type NodeState = 'answers' | ProxmoxError | Promise<unknown>;

/**
 * Lets a node that does not answer cost one request instead of one per guest: the first request to a node goes alone,
 * the others wait for its outcome, and once the node was found silent they fail at once, too: with what is known of the
 * node, since the path of the request that found it out would tell of somebody else.
 */
export class NodeGate {
  readonly #nodes = new Map<string, NodeState>();

  /** Nodes found silent, with an error that tells of the node. */
  silent(): Map<string, ProxmoxError> {
    return new Map(
      [...this.#nodes].flatMap(([node, state]) =>
        state instanceof ProxmoxError ? [[node, ofNode(node, state)] as const] : [],
      ),
    );
  }

  /** Runs `send` unless the node is known to be silent. `tellsOfNode` is false for what may hang by itself. */
  async pass<T>(node: string, tellsOfNode: boolean, send: () => Promise<T>): Promise<T> {
    for (;;) {
      const state = this.#nodes.get(node);
      if (state instanceof ProxmoxError) throw ofNode(node, state);
      if (state === 'answers' || !tellsOfNode) return this.#watch(node, tellsOfNode, send());
      if (state === undefined) {
        const first = this.#watch(node, true, send());
        this.#nodes.set(
          node,
          first.catch(() => {}),
        );
        return first;
      }
      await state;
    }
  }

  async #watch<T>(node: string, tellsOfNode: boolean, sent: Promise<T>): Promise<T> {
    try {
      const answer = await sent;
      this.#nodes.set(node, 'answers');
      return answer;
    } catch (error) {
      this.#learn(node, tellsOfNode, error);
      throw error;
    }
  }

  #learn(node: string, tellsOfNode: boolean, error: unknown): void {
    const silent =
      error instanceof ProxmoxError &&
      (tellsOfNode
        ? error.kind === 'node-unreachable' || (error.kind === 'timeout' && error.node !== undefined)
        : error.status === 595);
    if (silent) this.#nodes.set(node, error);
    // Any status is a sign of life; anything else (a lost API, a caller who gave up) lets the next request go first.
    else if (error instanceof ProxmoxError && error.status !== undefined) {
      if (tellsOfNode) this.#nodes.set(node, 'answers');
    } else if (this.#nodes.get(node) instanceof Promise) this.#nodes.delete(node);
  }
}

/** The error of a request that was not sent, since another one found the node silent. */
function ofNode(node: string, { kind, status, reason, hint }: ProxmoxError): ProxmoxError {
  const said = status === undefined ? reason : `${status} ${reason}`;
  return new ProxmoxError(kind, `node ${node} does not answer: ${said}`, { status, reason, node, hint });
}
