import { errorFactory } from '../kernel/errors.ts';

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
} as const;

export const identityError = errorFactory(identityErrors);
