/** What a reader brings to a log: whom they trust, what they kept, and what they want to have checked. */
import type { GivenFile } from './given-file.ts';
import type { Check } from './report.ts';
import type { SignedCheckpoint, Trust } from './trust.ts';

export interface LogOptions extends Trust {
  readonly directory: string;
  /** Checkpoints kept from earlier; the log must continue each. */
  readonly pins?: readonly GivenFile[];
  /** Where the last checkpoint that passed is kept. */
  readonly stateFile?: string | undefined;
  readonly minSize?: number | undefined;
  /** Entries before this one may have been pruned. */
  readonly minIndex?: number | undefined;
  /** Whether files may not go on beyond the checkpoint. */
  readonly strictSize?: boolean | undefined;
  readonly inclusions?: readonly GivenFile[];
  readonly consistencies?: readonly GivenFile[];
  readonly openings?: readonly GivenFile[];
  readonly onProgress?: ((entries: number, size: number) => void) | undefined;
}

export interface Verdict {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly checkpoint?: SignedCheckpoint | undefined;
}
