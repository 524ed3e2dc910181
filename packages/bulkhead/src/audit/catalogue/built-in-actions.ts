/** What Bulkhead records without being asked, in the same form as an app's own catalogue. */
import { z } from 'zod';
import { checkActions } from './define-actions.ts';

const code = z.string().max(100);
const request = {
  method: z.string().max(20),
  path: z.string().max(512),
  status: z.int().min(100).max(599).optional(),
  durationMs: z.int().min(0).optional(),
};

export const builtInDefinitions = {
  'request.completed': {
    description: 'A request was answered.',
    metadata: z.strictObject(request),
  },
  'request.denied': {
    description: 'A request was refused before the app saw it, or while it worked.',
    metadata: z.strictObject({
      ...request,
      method: request.method.optional(),
      path: request.path.optional(),
      code,
      count: z.int().min(1).optional(),
    }),
  },
  'statement.denied': {
    description: 'The statement guard or the database refused a statement of the app.',
    metadata: z.strictObject({ code, count: z.int().min(1).optional() }),
  },
  'access.denied': {
    description: 'Somebody asked for what they may not do.',
    metadata: z.strictObject({
      code,
      permission: z.string().max(100).optional(),
      node: z.string().max(100).optional(),
      count: z.int().min(1).optional(),
    }),
  },
  'session.started': {
    description: 'Somebody signed in.',
    metadata: z.strictObject({ method: z.string().max(40).optional() }),
  },
  'session.refused': {
    description: 'Somebody tried to sign in and was refused.',
    metadata: z.strictObject({
      method: z.string().max(40).optional(),
      account: z.string().max(256).optional(),
    }),
    personal: { 'metadata.account': { type: 'account', id: 'metadata.account' } },
  },
  'session.ended': {
    description: 'Somebody signed out, or was signed out.',
  },
  'operator.crossing_began': {
    description: 'An operator began to work across tenants; the reason is theirs.',
    metadata: z.strictObject({ crossing: z.uuid() }),
  },
  'operator.crossing_ended': {
    description: "An operator's work across tenants ended.",
    metadata: z.strictObject({ crossing: z.uuid() }),
  },
  'operator.entered': {
    description: 'An operator began to work in this tenant; the reason is theirs.',
    metadata: z.strictObject({ count: z.int().min(1).optional() }),
  },
  'isolation.proof_started': { description: 'A proof of the isolation of tenants was asked for.' },
  'audit.verification_started': { description: 'A verification of the audit log was asked for.' },
  'job.cancelled': { description: 'Work under way was called off.' },
  'tenant.created': { description: 'A tenant was registered.' },
  'tenant.imported': { description: "A tenant was registered from one of the app's tables." },
  'tenant.renamed': { description: "A tenant's name was changed." },
  'tenant.disabled': { description: 'A tenant was shut out.' },
  'tenant.enabled': { description: 'A tenant was let in again.' },
  'tenant.domain_added': { description: 'A custom domain leads to the tenant from now on.' },
  'tenant.domain_removed': { description: 'A custom domain leads to the tenant no more.' },
  'tenant.changed': { description: "A tenant's entry in the directory was changed." },
  'context_key.installed': {
    description: 'A key that signs contexts was published.',
    metadata: z.strictObject({ kid: z.string() }),
  },
  'context_key.revoked': {
    description: 'A key that signs contexts was withdrawn.',
    metadata: z.strictObject({ kid: z.string() }),
  },
  'table.protected': { description: 'A table was brought behind row-level security.' },
  'table.tracked': { description: "A table's changes are recorded from now on." },
  'table.untracked': { description: "A table's changes are recorded no more." },
  'row.inserted': { description: 'A row of a tracked table was added.' },
  'row.updated': { description: 'A row of a tracked table was changed.' },
  'row.deleted': { description: 'A row of a tracked table was removed.' },
  'table.truncated': { description: 'All rows of a tracked table were removed at once.' },
  'subject.erased': { description: "A person's data in the log was made unreadable for ever." },
  'audit.unreadable': {
    description: 'Something lay in the outbox that is no event; its hash is kept.',
    metadata: z.strictObject({ bytes: z.int(), fault: z.string(), sha256: z.string() }),
  },
} as const;

/** Bulkhead's own catalogue; an app records those of sign-ins itself, because it signs people in. */
export const builtInActions = checkActions(builtInDefinitions, () => false);
