/**
 * What an action is about, told from its words: SIEMs sort by it, and an app's own actions are no list of ours.
 * `note.created` is a noun and what was done to it; the last word that says something decides.
 */
import type { AuditEvent } from '../event.ts';

export type Theme = 'authentication' | 'account' | 'access' | 'other';
export type Verb =
  | 'logon'
  | 'logoff'
  | 'create'
  | 'read'
  | 'update'
  | 'delete'
  | 'enable'
  | 'disable'
  | 'lock'
  | 'unlock'
  | 'password_change'
  | 'password_reset'
  | 'mfa_enable'
  | 'mfa_disable'
  | 'assign'
  | 'revoke'
  | 'other';

/** In order: the first that matches the action decides. */
const VERBS: readonly (readonly [Verb, RegExp])[] = [
  ['logoff', /^session\.(ended|closed|deleted|expired|revoked)$/],
  ['logon', /^session\.(started|opened|created|refused|failed)$/],
  ['logoff', /\b(sign(ed)?_?(out|off)|log(ged)?_?(out|off))\b/],
  ['logon', /\b(sign(ed)?_?(in|on)|log(ged)?_?(in|on)|login|logon|authenticated)(_\w+)?\b/],
  ['mfa_disable', /\b(mfa|totp|passkey)\w*[._](disabled?|removed?|deleted?)\b/],
  ['mfa_enable', /\b(mfa|totp|passkey)\w*[._](enabled?|added|add|created?|registered)\b/],
  ['password_reset', /\bpassword_?(reset)|\bpassword\.reset/],
  ['password_change', /\bpassword(_|\.)(changed?|updated?|set)\b/],
  ['unlock', /\bunlock(ed)?\b/],
  ['lock', /\b(locked|lock)\b/],
  ['disable', /\b(disabled?|deactivated?|suspended?|blocked?)\b/],
  ['enable', /\b(enabled?|activated?|reactivated?|resumed?|unblocked?)\b/],
  [
    'revoke',
    /\b(revoked?|unassigned?|removed_(role|grant|permission)s?|(role|grant|permission)s?_?(removed?|deleted?))\b/,
  ],
  [
    'assign',
    /\b(granted|assigned|grant|assign|added_(role|grant|permission)s?|(role|grant|permission)s?_?(added|created))\b/,
  ],
  ['delete', /\b(deleted?|destroyed?|removed?|purged?|erased?|truncated?|archived?)\b/],
  [
    'create',
    /\b(created?|written|added|add|inserted?|invited?|registered|imported|uploaded|issued|installed|opened)\b/,
  ],
  ['read', /\b(read|viewed|listed|downloaded|exported|searched|queried|accessed|opened|crossed)\b/],
  ['update', /\b(updated?|changed?|edited|renamed?|moved|set|rotated|paid|sent|replaced)\b/],
];

const ACCOUNT =
  /^(user|account|member|membership|person|service_account|api_key|password|mfa|totp|passkey)s?$/;
const ACCESS = /^(role|grant|permission|privilege|access)s?$/;
const SIGN_IN = /^(session|sign_in|signin|login|auth|authentication|sso)$/;

/** What was done, as far as its words tell. */
export function verbOf({ action }: Pick<AuditEvent, 'action'>): Verb {
  // An underscore is a letter to a regular expression; a dot is not.
  return VERBS.find(([, words]) => words.test(action))?.[0] ?? 'other';
}

/** What it was done to. */
export function themeOf(event: Pick<AuditEvent, 'action'>): Theme {
  const verb = verbOf(event);
  const nouns = event.action.split('.').slice(0, -1);
  if (verb === 'logon' || verb === 'logoff' || nouns.some((noun) => SIGN_IN.test(noun))) {
    return 'authentication';
  }
  if (verb === 'assign' || verb === 'revoke' || nouns.some((noun) => ACCESS.test(noun))) {
    return 'access';
  }
  return nouns.some((noun) => ACCOUNT.test(noun)) ? 'account' : 'other';
}
