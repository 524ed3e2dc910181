/** What signing in stands on; handed in when Bulkhead is put together, so that nothing here reaches upward. */
import { isIP } from 'node:net';
import { databaseRefusal } from '../../kernel/database-refusal.ts';
import { identityErrors } from '../errors.ts';

/** Statements as the role that keeps accounts, outside of any tenant. */
export interface AccountsPort {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly Row[] }>;
}

export type Row = Readonly<Record<string, unknown>>;

/** A fresh session token: the text for its bearer, the hash for the database. */
export type MintSession = () => { readonly token: string; readonly hash: Buffer };

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}
export type SendMail = (mail: Mail) => Promise<void>;

/** Who sends a request, as far as the server has seen it. */
export interface Sender {
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
  /** What the browser's device cookie holds. */
  readonly device?: string | undefined;
}

const USER_AGENT_MAX = 512;

/** What an event says of the sender; what is no address or no text is left out. */
export function factsOf(sender: Sender): { ip?: string; userAgent?: string } {
  const ip = sender.ip?.replace(/%.*$/, '');
  const agent = sender.userAgent
    ?.replace(/[\p{Cc}\p{Cs}]/gu, '')
    .slice(0, USER_AGENT_MAX)
    .replace(/\p{Cs}/gu, '');
  return {
    ...(ip !== undefined && isIP(ip) !== 0 && { ip }),
    ...(agent && { userAgent: agent }),
  };
}

/** One call of a function of ours; what it refuses comes back as an error of Bulkhead's. */
export async function callAccounts(
  accounts: AccountsPort,
  text: string,
  values: unknown[],
): Promise<readonly Row[]> {
  try {
    return (await accounts.query(text, values)).rows;
  } catch (error) {
    throw databaseRefusal(error, identityErrors) ?? error;
  }
}
