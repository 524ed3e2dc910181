import { errorFactory } from '../kernel/errors.ts';
import { invitationErrors } from './invitations/errors.ts';
import { signInErrors } from './sign-in/errors.ts';

/** The identity room's codes. */
export const identityErrors = {
  'identity.config_invalid': {
    status: 500,
    title: 'The identity configuration is not valid.',
    next: 'Correct the settings that the message names.',
  },
  'identity.credentials_missing': {
    status: 401,
    title: 'This request needs credentials and carries none.',
    next: 'Sign in, and send the access token as `Authorization: Bearer …`.',
  },
  'identity.token_invalid': {
    status: 401,
    title: 'The access token is not valid.',
    next: 'Sign in again to get a fresh token. The server log says what is wrong with this one.',
  },
  'identity.authenticate_invalid': {
    status: 500,
    title: 'The app’s authenticate function returned something that is not an identity.',
    next: 'Return { actor: { type, id }, tenants: [ids or slugs] }, or null when nobody is signed in.',
  },
  'identity.jwks_unavailable': {
    status: 503,
    title: 'The keys that verify access tokens can’t be fetched.',
    next: 'Try again shortly. If it lasts, check that the server can reach the issuer’s JWKS URL.',
  },
  'identity.directory_missing': {
    status: 500,
    title: 'The database has no tenant directory that the app may ask.',
    next: 'Run `bulkhead migrate` on this database, with the role that the app logs in as under database.appRole.',
  },
  'identity.directory_unavailable': {
    status: 503,
    title: 'The tenant directory can’t be asked.',
    next: 'Try again shortly. If it lasts, check the database and that `bulkhead migrate` has run.',
  },
  'identity.request_malformed': {
    status: 400,
    title: 'The request’s host or path is not well-formed.',
    next: 'Send one valid Host header and a path without dot segments or backslashes.',
  },
  'identity.tenant_missing': {
    status: 400,
    title: 'The request names no tenant.',
    next: 'Use the tenant’s own domain, path or header, whichever this app is set up for.',
  },
  'identity.tenant_ambiguous': {
    status: 400,
    title: 'The request names more than one tenant.',
    next: 'Name the same tenant everywhere: host, header, path and token must agree.',
  },
  'identity.tenant_not_allowed': {
    status: 403,
    title: 'There is no such tenant, or this identity does not belong to it.',
    next: 'Check the tenant’s name, or sign in as someone who belongs to it.',
  },
  'identity.tenant_unknown': {
    status: 404,
    title: 'The tenant that the credentials name is not registered.',
    next: 'Register it with `bulkhead tenant create` or `bulkhead tenant import`.',
  },
  'identity.tenant_disabled': {
    status: 403,
    title: 'This tenant is disabled.',
    next: 'Ask the people who run this service; `bulkhead tenant enable` opens it again.',
  },
  'identity.tenant_exists': {
    status: 409,
    title: 'A tenant with this id, slug or external id exists already.',
    next: 'Choose another one; `bulkhead tenant list` shows those in use.',
  },
  'identity.tenant_absent': {
    status: 404,
    title: 'No tenant has this id or slug.',
    next: 'Run `bulkhead tenant list` to see the registered ones.',
  },
  'identity.tenant_fields_invalid': {
    status: 400,
    title: 'The tenant’s slug, name or external id is not valid.',
    next: 'A slug is one DNS label (a-z, 0-9, inner hyphens, at most 63) and not a UUID; a name has 1 to 200 characters.',
  },
  'identity.domain_invalid': {
    status: 400,
    title: 'This is not a host name that can lead to a tenant.',
    next: 'Give a full name such as notes.example.com, without scheme, port or path; not an IP address.',
  },
  'identity.domain_taken': {
    status: 409,
    title: 'This domain leads to a tenant already.',
    next: 'Remove it there first with `bulkhead tenant domain remove`.',
  },
  'identity.domain_absent': {
    status: 404,
    title: 'This domain does not lead to that tenant.',
    next: 'Run `bulkhead tenant list` to see the domains of each tenant.',
  },
  'identity.tenant_suspended': {
    status: 403,
    title: 'This tenant is suspended.',
    next: 'Ask the people who run this service; `bulkhead tenant restore` opens it again.',
  },
  'identity.tenant_closed': {
    status: 403,
    title: 'This tenant is closed.',
    next: 'A closed tenant is not opened again; register a new one.',
  },
  'identity.credentials_ambiguous': {
    status: 400,
    title: 'The request carries more than one credential.',
    next: 'Send one: the session’s cookie, `Authorization: Bearer …` or `X-Api-Key`.',
  },
  'identity.credentials_unavailable': {
    status: 503,
    title: 'Sessions and keys can’t be looked up.',
    next: 'Try again shortly. If it lasts, check the database and that `bulkhead migrate` has run.',
  },
  'identity.accounts_unconfigured': {
    status: 501,
    title: 'There is no connection for accounts.',
    next: 'Set identity.accountsUrl to the database, as the role of database.identityRole.',
  },
  'identity.user_absent': {
    status: 404,
    title: 'There is no such user.',
    next: 'Check the id.',
  },
  'identity.version_conflict': {
    status: 409,
    title: 'It was changed by somebody else meanwhile.',
    next: 'Read it as it is now, then change it with its new version.',
  },
  'identity.user_fields_invalid': {
    status: 400,
    title: 'The name must have 1 to 200 visible characters.',
    next: 'Give a name without control characters and without marks that turn text around.',
  },
  'identity.user_disabled': {
    status: 403,
    title: 'This user is disabled.',
    next: 'Ask the people who run this service.',
  },
  'identity.email_taken': {
    status: 409,
    title: 'Another user has this e-mail address.',
    next: 'Use another address, or sign in as the user who has it.',
  },
  'identity.link_invalid': {
    status: 400,
    title: 'This link is no longer good.',
    next: 'Ask for a new one.',
  },
  'identity.session_invalid': {
    status: 401,
    title: 'The session is not valid, or has ended.',
    next: 'Sign in again.',
  },
  'identity.session_shut_out': {
    status: 401,
    title: 'This session was ended for this tenant.',
    next: 'Sign in again.',
  },
  'identity.csrf_invalid': {
    status: 403,
    title: 'The request does not come from this site’s own pages.',
    next: 'Reload the page and try again.',
  },
  'identity.api_key_invalid': {
    status: 401,
    title: 'The API key is not valid.',
    next: 'Check the key, or make a new one.',
  },
  'identity.api_key_absent': {
    status: 404,
    title: 'The tenant has no such API key.',
    next: 'Check the id; the list shows what there is.',
  },
  'identity.api_key_holder_invalid': {
    status: 409,
    title: 'No key can be made for them.',
    next: 'Make it for yourself, or for an active service account of the tenant.',
  },
  'identity.api_key_expiry_invalid': {
    status: 400,
    title: 'The key would have ended already.',
    next: 'Give a moment in the future.',
  },
  'identity.api_key_too_many': {
    status: 409,
    title: 'There are 100 keys for this holder already.',
    next: 'Revoke those that nobody uses; the list shows when each was last used.',
  },
  'identity.service_account_absent': {
    status: 404,
    title: 'The tenant has no such service account.',
    next: 'Check the id; the list shows what there is.',
  },
  'identity.reason_invalid': {
    status: 400,
    title: 'This needs a reason of 1 to 1000 characters.',
    next: 'Say why; it stands in the tenant’s log.',
  },
  'identity.email_invalid': {
    status: 400,
    title: 'This is not an e-mail address.',
    next: 'Write one plain address such as ada@acme.example: ASCII before the @, a full host name behind it.',
  },
  'identity.import_invalid': {
    status: 400,
    title: 'The table’s rows can’t be imported as tenants.',
    next: 'Correct the rows that the message names; nothing was imported.',
  },
  ...signInErrors,
  ...invitationErrors,
} as const;

export const identityError = errorFactory(identityErrors);
