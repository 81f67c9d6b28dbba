import { MpcError } from '../../errors.ts';

/** A valid call that is not carried out: an error answer with facts for programs. */
export class RefusedError extends MpcError {
  readonly facts: object;

  constructor(message: string, facts: object, options: { hint?: string } = {}) {
    super('refused', message, options);
    this.facts = facts;
  }
}
