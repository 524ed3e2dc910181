/**
 * All that the app tells Bulkhead: the key that signs contexts, where a request names its tenant, and how
 * this app knows who someone is (its own session cookie, not a JWT).
 */
import type { BulkheadConfig } from 'bulkhead';
import { APP_ROLE, OPERATOR_ROLE } from './database/roles.ts';
import { readSession } from './session.ts';

export interface NotesSecrets {
  /** `bhk1_…`, published in the database by `bulkhead migrate`. */
  readonly contextKey: string;
  /** Signs the session cookie and the form tokens. */
  readonly sessionSecret: string;
}

export function bulkheadConfig(
  secrets: NotesSecrets,
  urls: { readonly operatorUrl?: string | undefined } = {},
): BulkheadConfig {
  return {
    database: { appRole: APP_ROLE, operatorRole: OPERATOR_ROLE },
    isolation: {
      contextKeys: [secrets.contextKey],
      ...(urls.operatorUrl && { operatorUrl: urls.operatorUrl }),
    },
    identity: {
      tenantFrom: [
        { from: 'subdomain', of: 'localhost' },
        { from: 'path', prefix: '/t/' },
      ],
      authenticate: (request) => {
        const session = readSession(secrets.sessionSecret, request.header('cookie'));
        if (session === undefined) return null;
        return {
          actor: { type: 'user', id: session.personId, name: session.name },
          tenants: [session.tenantId],
          expiresAtMs: session.expiresAtMs,
        };
      },
    },
  };
}
