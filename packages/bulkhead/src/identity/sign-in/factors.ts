/** What a signed-in user can prove themselves with. */
import { type AccountsPort, callAccounts } from './ports.ts';

export interface Factors {
  /** Times are RFC 3339. */
  readonly password: { readonly changedAt: string } | null;
  readonly totp: { readonly confirmedAt: string } | null;
  readonly recoveryCodesLeft: number;
  readonly passkeys: readonly {
    readonly id: string;
    readonly name: string;
    readonly createdAt: string;
    readonly lastUsedAt: string | null;
    readonly backedUp: boolean;
  }[];
}

/** @throws `identity.session_invalid` */
export async function listFactors(accounts: AccountsPort, sessionId: string): Promise<Factors> {
  const [row] = await callAccounts(accounts, 'select bulkhead.factors_of($1) as factors', [
    sessionId,
  ]);
  // Built by our function.
  const { user: _, ...factors } = (row?.factors ?? {}) as Factors & { readonly user: string };
  return factors;
}
