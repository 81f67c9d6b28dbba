import { ProxmoxError } from './proxmox-error.ts';

/** How often a node that does not answer is waited for as long as any other (ms). */
const IN_FULL_EVERY_MS = 60_000;

/**
 * What a process remembers from run to run of nodes that did not answer: one that hangs would cost each run the whole time
 * that an answer may take. In between it is waited for briefly, and what stood unseen stands so.
 */
export class NodePatience {
  readonly #silent = new Map<string, { error: ProxmoxError; since: number }>();
  readonly #now: () => number;
  /** How long one that did not answer lately is waited for (ms). */
  readonly brieflyMs: number;

  constructor(brieflyMs: number, now: () => number = Date.now) {
    this.brieflyMs = brieflyMs;
    this.#now = now;
  }

  /** What was learnt of a node when it was last waited for in full, where that was lately and it did not answer. */
  lately(node: string): ProxmoxError | undefined {
    const known = this.#silent.get(node);
    const ago = known === undefined ? -1 : this.#now() - known.since;
    return ago >= 0 && ago < IN_FULL_EVERY_MS ? known!.error : undefined;
  }

  /** It answered: it is waited for as any other. */
  answered(node: string): void {
    this.#silent.delete(node);
  }

  /** It did not answer, though it was waited for in full; to be waited for briefly is news of nothing. */
  silent(node: string, error: ProxmoxError): void {
    if (this.lately(node) === undefined) this.#silent.set(node, { error, since: this.#now() });
  }
}

type NodeState = 'answers' | ProxmoxError | Promise<unknown>;

/**
 * Lets a node that does not answer cost one request instead of one per guest: the first request to a node goes alone,
 * the others wait for its outcome, and once the node was found silent they fail at once, too: with what is known of the
 * node, since the path of the request that found it out would tell of somebody else.
 */
export class NodeGate {
  readonly #nodes = new Map<string, NodeState>();
  readonly #patience: NodePatience;

  constructor(patience: NodePatience) {
    this.#patience = patience;
  }

  /** Nodes found silent, with an error that tells of the node. */
  silent(): Map<string, ProxmoxError> {
    return new Map(
      [...this.#nodes].flatMap(([node, state]) =>
        state instanceof ProxmoxError ? [[node, ofNode(node, state)] as const] : [],
      ),
    );
  }

  /**
   * Runs `send` unless the node is known to be silent. `tellsOfNode` is false for what may hang by itself. It is given a
   * signal where it is not waited for in full.
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

  /** @throws what is known of the node, where it was not waited for in full and did not answer. */
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
    // Any status is a sign of life; anything else (a lost API, a caller who gave up) lets the next request go first.
    else if (error instanceof ProxmoxError && error.status !== undefined) {
      if (tellsOfNode) {
        this.#nodes.set(node, 'answers');
        this.#patience.answered(node);
      }
    } else if (this.#nodes.get(node) instanceof Promise) this.#nodes.delete(node);
  }
}

/** The error of a request that was not sent, since another one found the node silent. */
function ofNode(node: string, { kind, status, reason, hint }: ProxmoxError): ProxmoxError {
  const said = status === undefined ? reason : `${status} ${reason}`;
  return new ProxmoxError(kind, `node ${node} does not answer: ${said}`, { status, reason, node, hint });
}
