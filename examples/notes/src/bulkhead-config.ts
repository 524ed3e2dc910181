/**
 * All that the app tells Bulkhead: the key that signs contexts, where a request names its tenant, and how
 * this app knows who someone is (its own session cookie, not a JWT).
 */
import type { BulkheadConfig } from 'bulkhead';
import { actions } from './actions.ts';
import {
  APP_ROLE,
  AUDIT_ROLE,
  IDENTITY_ROLE,
  OPERATOR_ROLE,
  SIGNER_ROLE,
} from './database/roles.ts';
import { readSession } from './session.ts';

export interface NotesSecrets {
  /** `bhk1_…`, published in the database by `bulkhead migrate`. */
  readonly contextKey: string;
  /** Signs the session cookie and the form tokens. */
  readonly sessionSecret: string;
  /** `bhv1_…`, wraps the keys under which personal values lie. */
  readonly vaultKey: string;
  /** `bha1_…`, signs the log. A larger app would give it to a worker of its own alone. */
  readonly signingKey: string;
}

export interface NotesUrls {
  readonly operatorUrl?: string | undefined;
  readonly sequencerUrl?: string | undefined;
  readonly signerUrl?: string | undefined;
  readonly accountsUrl?: string | undefined;
}

export function bulkheadConfig(secrets: NotesSecrets, urls: NotesUrls = {}) {
  return {
    database: {
      appRole: APP_ROLE,
      operatorRole: OPERATOR_ROLE,
      auditRole: AUDIT_ROLE,
      signerRole: SIGNER_ROLE,
      identityRole: IDENTITY_ROLE,
    },
    isolation: {
      contextKeys: [secrets.contextKey],
      ...(urls.operatorUrl && { operatorUrl: urls.operatorUrl }),
    },
    identity: {
      ...(urls.accountsUrl && { accountsUrl: urls.accountsUrl }),
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
    // Without its keys (`bulkhead migrate` needs none) the command line goes without the section.
    ...(secrets.vaultKey !== '' && {
      audit: {
        origin: 'audit.notes.example',
        vaultKeys: [secrets.vaultKey],
        signingKeys: secrets.signingKey === '' ? [] : [secrets.signingKey],
        ...(urls.sequencerUrl && { sequencerUrl: urls.sequencerUrl }),
        ...(urls.signerUrl && { signerUrl: urls.signerUrl }),
        actions,
      },
    }),
  } satisfies BulkheadConfig;
}
