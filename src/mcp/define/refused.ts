import { MpcError } from '../../errors.ts';

/** A call that was understood and is not carried out: an error answer that also has facts for programs. */
export class RefusedError extends MpcError {
  readonly facts: object;

  constructor(message: string, facts: object, options: { hint?: string } = {}) {
    super('refused', message, options);
    this.facts = facts;
  }
}
