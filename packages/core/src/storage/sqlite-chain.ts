import { createUlids, systemClock, systemRandom } from "../text/ulid.ts";

/** The end of this writer's own chain. It is kept here, not read from the table: an entry taken away there must be missed by the next one. */
export interface Chain {
  readonly segment: string;
  /** Undefined before the first entry. */
  end(): Uint8Array | undefined;
  extend(hash: Uint8Array): void;
  /** Takes what the transaction added for good, or back. */
  settle(isCommitted: boolean): void;
}

/** Makes the chain of one writer's run; it is a segment of the audit once it has an entry. */
export function createChain(): Chain {
  let committed: Uint8Array | undefined;
  let pending: Uint8Array | undefined;
  return {
    segment: createUlids(systemClock, systemRandom)(),
    end: () => pending ?? committed,
    extend(hash) {
      pending = hash;
    },
    settle(isCommitted) {
      if (isCommitted) committed = pending ?? committed;
      pending = undefined;
    },
  };
}
