/** The database section, which every room shares, and the schemas that sections are built of. */
import { z } from 'zod';

/** A name as PostgreSQL folds it when unquoted, so that nobody meets a role spelt two ways. */
export const roleNameSchema = z
  .string()
  .regex(
    /^[a-z_][a-z0-9_]{0,62}$/,
    'must be a role name: lower-case letters, digits and underscores',
  );

export const databaseUrlSchema = z
  .string()
  .regex(/^postgres(ql)?:\/\/\S+$/, 'must be a URL that begins with postgres://');

export const databaseSection = z.strictObject({
  adminUrl: databaseUrlSchema
    .optional()
    .describe(
      'Where the command line migrates and installs keys: a direct connection as the owner of the database. The library never uses it. `BULKHEAD_ADMIN_URL` takes its place.',
    ),
  appRole: roleNameSchema.describe(
    "The role that the app's own pool logs in as. It owns nothing, is a member of nothing and has no BYPASSRLS.",
  ),
  operatorRole: roleNameSchema
    .optional()
    .describe(
      'The role that operators log in as, with BYPASSRLS and a pool of its own. Without it `asOperator` is refused.',
    ),
  auditRole: roleNameSchema
    .optional()
    .describe(
      'The role that the audit sequencer logs in as: it may move recorded events into their logs and nothing else.',
    ),
  signerRole: roleNameSchema
    .optional()
    .describe(
      'The role that the audit signer logs in as: it may read the logs and publish checkpoints and nothing else.',
    ),
  identityRole: roleNameSchema
    .optional()
    .describe(
      'The role that keeps accounts (users, passwords, sessions), which the role of the app cannot reach: it may call the functions of the identity room and nothing else.',
    ),
});
