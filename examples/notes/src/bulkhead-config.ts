/**
 * All that the app tells Bulkhead: the keys, where a request names its tenant, and that people sign in by
 * Bulkhead's own accounts and sessions.
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

export interface NotesSecrets {
  /** `bhk1_…`, published in the database by `bulkhead migrate`. */
  readonly contextKey: string;
  /** `bhc1_…`, under which the secrets of authenticator apps lie. */
  readonly credentialKey: string;
  /** `bhv1_…`, wraps the keys under which personal values lie. */
  readonly vaultKey: string;
  /** `bha1_…`, signs the log. A larger app would give it to a worker of its own alone. */
  readonly signingKey: string;
}

export const CONTROL_PLANE_PATH = '/bulkhead';

export interface NotesUrls {
  readonly operatorUrl?: string | undefined;
  readonly sequencerUrl?: string | undefined;
  readonly signerUrl?: string | undefined;
  readonly accountsUrl?: string | undefined;
  /** Where mail is laid instead of being sent. */
  readonly mailFolder?: string | undefined;
  /** Where people reach the app: passkeys are made for it, and the console stands below it. */
  readonly publicUrl?: string | undefined;
  /** As whom isolation is proven again and again; the operators' role unless given. */
  readonly proverUrl?: string | undefined;
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
      productName: 'Notes',
      ...(urls.publicUrl && { publicUrl: urls.publicUrl }),
      // The command line keeps no accounts.
      ...(urls.accountsUrl && {
        accountsUrl: urls.accountsUrl,
        sessions: { cookieName: 'notes_session' },
        credentialKeys: [secrets.credentialKey],
        // Notes has pages of its own for whoever is invited, or has forgotten their password.
        invitationPath: '/invitation',
        passwordResetPath: '/reset-password',
        ...(urls.mailFolder && {
          mail: { folder: urls.mailFolder, from: 'Notes <hello@notes.example>' },
        }),
      }),
      tenantFrom: [
        { from: 'subdomain', of: 'localhost' },
        { from: 'path', prefix: '/t/' },
      ],
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
    // The control plane and its console, for those who run the product.
    ...(urls.publicUrl && {
      http: {
        publicUrl: `${urls.publicUrl}${CONTROL_PLANE_PATH}`,
        hosts: [new URL(urls.publicUrl).host.replace('localhost', '127.0.0.1')],
        ...(urls.proverUrl && { proverUrl: urls.proverUrl }),
      },
    }),
  } satisfies BulkheadConfig;
}
