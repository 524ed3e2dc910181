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

/** Of a person's account, before and after a change. */
const userImages = {
  'before.email': 'target:user',
  'before.name': 'target:user',
  'after.email': 'target:user',
  'after.name': 'target:user',
} as const;

/** Nobody has an account yet: the address is the person. */
const invitedImages = {
  'before.email': { type: 'account', id: 'before.email' },
  'before.name': { type: 'account', id: 'before.email' },
  'after.email': { type: 'account', id: 'after.email' },
  'after.name': { type: 'account', id: 'after.email' },
} as const;

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
      operation: z.string().max(100).optional(),
      node: z.string().max(100).optional(),
      count: z.int().min(1).optional(),
    }),
  },
  'session.started': {
    description: 'Somebody signed in.',
    metadata: z.strictObject({ method: z.string().max(40).optional() }),
  },
  'session.elevated': {
    description: 'Somebody showed again, or more of, who they are.',
    metadata: z.strictObject({ method: z.string().max(40).optional() }),
  },
  'session.theft_suspected': {
    description: 'A token that had been replaced came back, so that the session was ended.',
  },
  'session.shut_out': { description: 'An administrator ended a session for the tenant.' },
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
  'user.created': {
    description: 'An account was made for a person.',
    personal: userImages,
  },
  'user.renamed': { description: 'A person has another name.', personal: userImages },
  'user.email_change_asked': { description: 'A person asked to change their e-mail address.' },
  'user.email_changed': {
    description: 'A person has another e-mail address, which they verified.',
    personal: userImages,
  },
  'user.disabled': { description: 'A person can sign in no more.', personal: userImages },
  'user.enabled': { description: 'A person can sign in again.', personal: userImages },
  'service_account.created': { description: 'A service account was made.' },
  'service_account.changed': { description: 'A service account was renamed or described anew.' },
  'service_account.disabled': { description: 'A service account was disabled.' },
  'service_account.enabled': { description: 'A service account was enabled again.' },
  'service_account.deleted': { description: 'A service account was removed with its keys.' },
  'api_key.created': { description: 'An API key was made.' },
  'api_key.rotated': {
    description: 'An API key was given another token.',
    metadata: z.strictObject({ overlapSeconds: z.int().min(0) }),
  },
  'api_key.revoked': { description: 'An API key was withdrawn.' },
  'member.added': { description: 'Somebody belongs to the tenant from now on.' },
  'member.renamed': { description: 'The tenant calls a member otherwise.' },
  'member.suspended': { description: 'A member was shut out.' },
  'member.restored': { description: 'A suspended member was let in again.' },
  'member.removed': { description: 'Somebody belongs to the tenant no more.' },
  'member.left': { description: 'Somebody left the tenant.' },
  'ownership.transferred': { description: 'An owner handed the tenant over to another member.' },
  'grant.created': { description: 'A role was given to a member or a group.' },
  'grant.revoked': { description: 'A role was taken away.' },
  'grant.end_changed': { description: 'A grant ends earlier, later or never.' },
  'role.created': { description: 'The tenant made a role.' },
  'role.updated': { description: 'A role holds other permissions, or is called otherwise.' },
  'role.deleted': { description: 'The tenant deleted a role.' },
  'group.created': { description: 'A group was made.' },
  'group.renamed': { description: 'A group is called otherwise.' },
  'group.deleted': { description: 'A group was deleted with what was granted to it.' },
  'group.members_added': { description: 'Members came into a group.' },
  'group.members_removed': { description: 'Members were taken out of a group.' },
  'node.created': { description: 'Something was put into the tree of the tenant.' },
  'node.renamed': { description: 'A node of the tree is called otherwise.' },
  'node.moved': { description: 'A node of the tree stands elsewhere, with all below it.' },
  'node.deleted': { description: 'A node of the tree was deleted, with all below it.' },
  'sign_in.throttled': {
    description: 'There were too many attempts, and more are refused for a while.',
  },
  'password.established': { description: 'A user got their first password.' },
  'password.changed': { description: 'A user changed their password.' },
  'password.reset_requested': { description: 'Somebody asked for a link to set a password.' },
  'password.reset': { description: 'A password was set by a link in a mail.' },
  'mfa.totp_enrolled': { description: 'An authenticator app was set up.' },
  'mfa.totp_removed': { description: 'An authenticator app was removed.' },
  'mfa.reset': { description: 'Staff took every second factor from a user, who lost theirs.' },
  'mfa.recovery_codes_made': { description: 'New recovery codes took the place of the old ones.' },
  'recovery_code.used': { description: 'A recovery code stood in for a second factor.' },
  'passkey.added': { description: 'A passkey was registered.' },
  'passkey.renamed': { description: 'A passkey was renamed.' },
  'passkey.removed': { description: 'A passkey was removed.' },
  'passkey.counter_refused': {
    description: 'A passkey was refused because its counter went back, as a copied one’s does.',
  },
  'policy.set': {
    description: 'A security policy of the tenant was set.',
    metadata: z.strictObject({ kind: z.string().max(40), version: z.int().min(1) }),
  },
  'invitation.created': { description: 'Somebody was invited by mail.', personal: invitedImages },
  'invitation.resent': {
    description: 'An invitation was mailed again, by a new link.',
    personal: invitedImages,
  },
  'invitation.revoked': { description: 'An invitation was taken back.', personal: invitedImages },
  'invitation.accepted': { description: 'Somebody came in by an invitation.' },
  'invitation.quota_changed': {
    description: 'Staff changed how many invitations the tenant mails a day.',
  },
  'domain.added': { description: 'A mail domain was added, to be shown to be the tenant’s.' },
  'domain.changed': { description: 'Who joins by a mail domain gets another role.' },
  'domain.verified': {
    description: 'The record of a mail domain was found: its people may join by themselves.',
  },
  'domain.lapsed': {
    description: 'The record of a mail domain was gone for a day: nobody joins by it any more.',
  },
  'domain.removed': { description: 'A mail domain was removed.' },
  'mail.failed': {
    description: 'A mail was given up: refused for good, or not taken for two days.',
    metadata: z.strictObject({ template: z.string().max(40), attempts: z.int().min(1) }),
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
  'tenant.suspended': { description: 'A tenant was suspended; the reason says why.' },
  'tenant.restored': { description: 'A suspended tenant was let in again.' },
  'tenant.closed': { description: 'A tenant was closed for good.' },
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
