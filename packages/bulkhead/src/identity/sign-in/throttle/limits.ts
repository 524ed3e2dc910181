/**
 * How many wrong attempts are let through, and how long the next ones wait.
 *
 * Each limit doubles its wait every time it is reached again within a day, up to its longest. An account stands
 * for the address that was typed, whether or not somebody has it.
 */
export interface Limit {
  /** Attempts within the window before they are refused for a while. */
  readonly attempts: number;
  readonly windowSeconds: number;
  readonly waitSeconds: number;
  readonly waitSecondsMax: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;

export const limits = {
  /** One network: an IPv4 address or an IPv6 /64. Wide, because offices share one. */
  network: { attempts: 30, windowSeconds: 15 * MINUTE, waitSeconds: MINUTE, waitSecondsMax: HOUR },
  /** One account, from browsers that have not signed it in before. */
  account: { attempts: 5, windowSeconds: 15 * MINUTE, waitSeconds: 30, waitSecondsMax: HOUR },
  /** One browser that has: strangers cannot use its attempts up. */
  device: { attempts: 10, windowSeconds: 15 * MINUTE, waitSeconds: 30, waitSecondsMax: HOUR },
  /** One tenant's door, against many accounts tried once each. Short, because it meets everybody there. */
  tenant: { attempts: 100, windowSeconds: MINUTE, waitSeconds: 15, waitSecondsMax: 2 * MINUTE },
  /** Codes of one user, after the right password. */
  factor: { attempts: 5, windowSeconds: 15 * MINUTE, waitSeconds: MINUTE, waitSecondsMax: HOUR },
  /** Sign-ins that one network opens, and options for passkeys that it asks for. */
  opening: { attempts: 300, windowSeconds: 15 * MINUTE, waitSeconds: MINUTE, waitSecondsMax: HOUR },
  /**
   * Mails to one address: on behalf of all browsers that have signed in its owner, of one user, of all others. It does
   * not double: whom strangers keep from asking lives by the links that they had sent, which are soon over.
   */
  reset: { attempts: 3, windowSeconds: HOUR, waitSeconds: HOUR, waitSecondsMax: HOUR },
  /** Links to one address as a new one, whoever asks: so many that one user cannot use them up for another. */
  mailbox: { attempts: 12, windowSeconds: HOUR, waitSeconds: HOUR, waitSecondsMax: HOUR },
  /** Links to another address that one user asks for. */
  address: { attempts: 5, windowSeconds: HOUR, waitSeconds: HOUR, waitSecondsMax: 6 * HOUR },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof limits;
export type Limits = Readonly<Record<LimitName, Limit>>;
