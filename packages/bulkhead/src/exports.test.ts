import * as bulkhead from 'bulkhead';
import * as attack from 'bulkhead/attack';
import * as client from 'bulkhead/client';
import * as embedded from 'bulkhead/embedded';
import { expect, it } from 'vitest';

it('the public exports are these and no others', () => {
  expect(Object.keys(bulkhead).sort()).toEqual([
    'BulkheadError',
    'auth0',
    'clerk',
    'createBulkhead',
    'defineActions',
    'defineConfig',
    'definePermissions',
    'generateContextKey',
    'generateCredentialKey',
    'generateSigningKey',
    'generateVaultKey',
    'isBulkheadError',
    'okta',
    'requireRecentMfa',
    'supabase',
  ]);
  expect(Object.keys(attack).sort()).toEqual(['attack', 'attackFamilies']);
  expect(Object.keys(client).sort()).toEqual(['ApiError', 'createClient', 'isApiError']);
  expect(Object.keys(embedded).sort()).toEqual(['startEmbeddedPostgres']);
});
