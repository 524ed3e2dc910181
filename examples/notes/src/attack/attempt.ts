/** One thing an attacker sends, and what the sender may conclude from the answer. */

export type AttackFamily =
  | 'forgotten WHERE'
  | 'wrong id in the URL'
  | 'widened condition'
  | 'UNION and sub-select'
  | 'forged or stolen context'
  | 'session poisoning'
  | 'role switch'
  | 'stacked statements'
  | 'SQL hidden in text'
  | 'error messages'
  | 'yes/no and timing'
  | 'catalog and neighbours'
  | 'writes across the wall'
  | 'another’s address';

export interface Attempt {
  readonly family: AttackFamily;
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the attacker's own base, unless it starts with `/t/`. */
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * How a blind attack would read a bit of another tenant: by any row coming back, or by the answer
   * taking its time. Where it is absent only the bytes of the answer count.
   */
  readonly tell?: 'rows' | 'delay';
}

/** What the attacker knows of the one attacked: more than a real one would. */
export interface AttackTarget {
  readonly attackerTenantId: string;
  readonly attackerSlug: string;
  readonly victimTenantId: string;
  readonly victimSlug: string;
  readonly victimNoteId: string;
  readonly victimNoteTitle: string;
  readonly victimProjectId: string;
  readonly victimInvoiceId: string;
  readonly victimPersonId: string;
  readonly victimEmail: string;
  /** Tokens as they would travel in `bulkhead.context`, by what is wrong with them. */
  readonly tokens: Readonly<
    Record<'stolen' | 'forged' | 'expired' | 'eternal' | 'otherKey' | 'unsigned', string>
  >;
}
