import { ProxmoxError } from './proxmox-error.ts';

/** How often a node that does not answer is given the full timeout (ms). */
const IN_FULL_EVERY_MS = 60_000;

/**
 * What a process remembers between runs about nodes that did not answer: waiting for a hanging node would cost each run the full
 * timeout. Until its next full wait it gets only a short one.
 */
export class NodePatience {
  readonly #silent = new Map<string, { error: ProxmoxError; since: number }>();
  readonly #now: () => number;
  /** How long a node that recently did not answer is waited for (ms). */
  readonly brieflyMs: number;

  constructor(brieflyMs: number, now: () => number = Date.now) {
    this.brieflyMs = brieflyMs;
    this.#now = now;
  }

  /** The error of the node's last full wait, if that was recent and the node did not answer. */
  lately(node: string): ProxmoxError | undefined {
    const known = this.#silent.get(node);
    const ago = known === undefined ? -1 : this.#now() - known.since;
    return ago >= 0 && ago < IN_FULL_EVERY_MS ? known!.error : undefined;
  }

  /** It answered: it gets the full timeout again. */
  answered(node: string): void {
    this.#silent.delete(node);
  }

  /** It did not answer. After a short wait this changes nothing, so that the next full wait is not put off. */
  silent(node: string, error: ProxmoxError): void {
    if (this.lately(node) === undefined) this.#silent.set(node, { error, since: this.#now() });
  }
}

type NodeState = 'answers' | ProxmoxError | Promise<unknown>;

/**
 * Makes a node that does not answer cost one request instead of one per guest: the first request to a node goes alone, the others
 * wait for its outcome, and once the node is known to be silent they fail at once, with an error about the node rather than about
 * the path of that first request.
 */
export class NodeGate {
  readonly #nodes = new Map<string, NodeState>();
  readonly #patience: NodePatience;

  constructor(patience: NodePatience) {
    this.#patience = patience;
  }

  /** Nodes found silent, each with an error about the node. */
  silent(): Map<string, ProxmoxError> {
    return new Map(
      [...this.#nodes].flatMap(([node, state]) =>
        state instanceof ProxmoxError ? [[node, ofNode(node, state)] as const] : [],
      ),
    );
  }

  /**
   * Runs `send` unless the node is known to be silent, with a signal where the wait is cut short. `tellsOfNode` is false for
   * requests that may hang by themselves.
   */
  async pass<T>(node: string, tellsOfNode: boolean, send: (limit?: AbortSignal) => Promise<T>): Promise<T> {
    for (;;) {
      const state = this.#nodes.get(node);
      if (state instanceof ProxmoxError) throw ofNode(node, state);
      if (state === 'answers' || !tellsOfNode) return this.#watch(node, tellsOfNode, send());
      if (state === undefined) {
        const first = this.#watch(node, true, this.#first(node, send));
        this.#nodes.set(
          node,
          first.catch(() => {}),
        );
        return first;
      }
      await state;
    }
  }

  /** @throws the node's known error, where the wait was cut short and the node did not answer. */
  async #first<T>(node: string, send: (limit?: AbortSignal) => Promise<T>): Promise<T> {
    const known = this.#patience.lately(node);
    if (known === undefined) return send();
    const limit = AbortSignal.timeout(this.#patience.brieflyMs);
    try {
      return await send(limit);
    } catch (error) {
      throw limit.aborted && error === limit.reason ? known : error;
    }
  }

  async #watch<T>(node: string, tellsOfNode: boolean, sent: Promise<T>): Promise<T> {
    try {
      const answer = await sent;
      this.#nodes.set(node, 'answers');
      this.#patience.answered(node);
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
    if (silent) {
      this.#nodes.set(node, error);
      this.#patience.silent(node, error);
    }
    // Any status is a sign of life; after anything else (no API, a caller who gave up) the next request goes first.
    else if (error instanceof ProxmoxError && error.status !== undefined) {
      if (tellsOfNode) {
        this.#nodes.set(node, 'answers');
        this.#patience.answered(node);
      }
    } else if (this.#nodes.get(node) instanceof Promise) this.#nodes.delete(node);
  }
}

/** The error of a request that was not sent, since another one had found the node silent. */
function ofNode(node: string, { kind, status, reason, hint }: ProxmoxError): ProxmoxError {
  const said = status === undefined ? reason : `${status} ${reason}`;
  return new ProxmoxError(kind, `node ${node} does not answer: ${said}`, { status, reason, node, hint });
}
