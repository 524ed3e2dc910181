// Made by scripts/generate-client.mjs from the API's description: npm run client.
export interface paths {
  '/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says who is signed in. */
    get: operations['me.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Changes one’s own name, in every membership too.
     * @description Recorded as `user.renamed`.
     */
    patch: operations['account.rename'];
    trace?: never;
  };
  '/overview': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Says whether tenants are isolated, the log is whole and something is wrong.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['overview.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/overview/hull': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows all tenants as compartments.
     * @description Columns of equal length, so that thousands of tenants are small. Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['overview.hull'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Streams what happens, as server-sent events.
     * @description Events: `denial` (somebody was refused), `activity` (how much was recorded), `change` (who may do what has changed), `proof`, `log` (verified), `job`, and `reset` (more was missed than is kept: read afresh). Data is JSON. `Last-Event-ID` resumes within a day. Members are told of their own tenant alone. Needs the permission `audit:read`.
     */
    get: operations['stream.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/settings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows versions, roles, workers and the public keys of the log.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['settings.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/audit/tracked-tables': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the tables whose rows are recorded when they change.
     * @description To begin or to end it changes the schema, so it is done with `bulkhead audit track`, or by a migration that this writes. Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['tracked_table.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/isolation': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows the last proof: every object that the app reaches, and what holds it.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['isolation.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/isolation/proofs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Proves isolation again.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `isolation.proof_started`.
     */
    post: operations['isolation.prove'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/audit/verifications': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Verifies every log against what was signed.
     * @description Needs the permission `audit:read`. For operators alone. Recorded as `audit.verification_started`.
     */
    post: operations['audit.verify'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/jobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the work of the last days, the newest first.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['job.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/jobs/{job}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows how a piece of work stands.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['job.get'];
    put?: never;
    post?: never;
    /**
     * Calls a piece of work off.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `job.cancelled`.
     */
    delete: operations['job.cancel'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists tenants.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['tenant.list'];
    put?: never;
    /**
     * Registers a tenant.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `tenant.created`.
     */
    post: operations['tenant.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Tells a tenant’s whole story.
     * @description Needs the permission `tenant:read`.
     */
    get: operations['tenant.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Changes the name that people are shown.
     * @description Needs the permission `tenant:manage`. Recorded as `tenant.renamed`.
     */
    patch: operations['tenant.rename'];
    trace?: never;
  };
  '/tenants/{tenant}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Suspends a tenant: every request of it is refused within five seconds.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `tenant.suspended`.
     */
    post: operations['tenant.disable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Lets a suspended tenant in again.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `tenant.restored`.
     */
    post: operations['tenant.enable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/domains': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Leads a custom domain to a tenant.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `tenant.domain_added`.
     */
    post: operations['tenant.add_domain'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/domains/{domain}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Leads a custom domain to a tenant no more.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `tenant.domain_removed`.
     */
    delete: operations['tenant.remove_domain'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists people’s accounts, in order of their addresses.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['user.list'];
    put?: never;
    /**
     * Makes an account; its owner sets the password by a link.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `user.created`.
     */
    post: operations['user.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users/{user}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows an account, and where its owner is a member.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['user.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Changes a person’s name, in every membership too.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `user.renamed`.
     */
    patch: operations['user.rename'];
    trace?: never;
  };
  '/users/{user}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Shuts a person out of every tenant: all their sessions end.
     * @description An owner is out of reach for all but an owner of the operators, or of every tenant that the person owns. Needs the permission `tenant:manage`. For operators alone. Recorded as `user.disabled`.
     */
    post: operations['user.disable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users/{user}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Lets a person in again.
     * @description Needs the permission `tenant:manage`. For operators alone. Recorded as `user.enabled`.
     */
    post: operations['user.enable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users/{user}/factors/reset': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes every second factor from a person who lost theirs: all their sessions end.
     * @description Authenticator, passkeys and recovery codes go. Know by other means who asks: this is what somebody pretending would ask for. Only in a session that showed a second factor of its own within ten minutes; a key is not enough. An owner is out of reach for all but an owner of the operators, or of every tenant that the person owns. Needs the permission `tenant:manage`. For operators alone. Recorded as `mfa.reset`.
     */
    post: operations['user.reset_factors'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users/{user}/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists a person’s sessions, on all devices.
     * @description Needs the permission `tenant:read`. For operators alone.
     */
    get: operations['user.sessions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/users/{user}/sessions/end': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ends all of a person’s sessions.
     * @description An owner is out of reach for all but an owner of the operators, or of every tenant that the person owns. Needs the permission `tenant:manage`. For operators alone. Recorded as `session.ended`.
     */
    post: operations['user.end_sessions'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Searches a tenant’s events, the newest first.
     * @description Needs the permission `audit:read`.
     */
    get: operations['event.search'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/events/histogram': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Counts a tenant’s events over time.
     * @description By action and outcome from counts that are kept; with other filters, the newest 20000 events that they find. Needs the permission `audit:read`.
     */
    get: operations['event.histogram'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/events/facets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Suggests what to search for.
     * @description Needs the permission `audit:read`.
     */
    get: operations['event.facets'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/events/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Writes all events that a filter finds, in a format of SIEMs or spreadsheets.
     * @description Needs the permission `audit:export`.
     */
    get: operations['event.export'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/events/{event}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows one event.
     * @description Needs the permission `audit:read`.
     */
    get: operations['event.get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/events/{event}/proof': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Proves that an event is in the signed log.
     * @description Needs the permission `audit:read`.
     */
    get: operations['event.prove'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/logs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows a tenant’s logs: their size, and how far they are signed.
     * @description Needs the permission `audit:read`.
     */
    get: operations['log.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/logs/{class}/consistency': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Proves that a log continues what it was at an earlier signed size.
     * @description Whoever kept an earlier checkpoint shows by it that nothing before was changed or taken out (RFC 6962, 2.1.2). Needs the permission `audit:read`.
     */
    get: operations['log.prove'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/erasures': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Makes a person’s data in the tenant’s log unreadable for ever; the log stays whole.
     * @description Done again it changes nothing. The app’s own tables and exports made before are not touched. Needs the permission `audit:erase`. Recorded as `subject.erased`.
     */
    post: operations['audit.erase'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sign-in/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Signs in with a password; a second factor may be asked for.
     * @description Names the person by their address, or by the challenge of a step-up under way. Recorded as `session.started`.
     */
    post: operations['sign_in.password'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sign-in/second-factor': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Goes on with a code of the authenticator, or a recovery code.
     * @description Recorded as `session.started`.
     */
    post: operations['sign_in.second_factor'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sign-in/new-password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Goes on with a new password where the old one is too old.
     * @description Recorded as `session.started`.
     */
    post: operations['sign_in.new_password'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sign-in/passkey/options': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begins with a passkey: what the browser is to sign. */
    post: operations['sign_in.passkey_options'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sign-in/passkey/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Goes on with what the passkey signed.
     * @description Recorded as `session.started`.
     */
    post: operations['sign_in.passkey_verify'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/sign-out': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Signs out of this session.
     * @description Recorded as `session.ended`.
     */
    post: operations['sign_out.all'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/password-resets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends a link to set a new password, where somebody has that address.
     * @description Answers alike whether or not somebody has it.
     */
    post: operations['password_reset.request'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/password-resets/finish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sets a new password by the link.
     * @description Recorded as `password.reset`.
     */
    post: operations['password_reset.finish'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/invitations/look': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Shows what a link invites to; uses nothing up. */
    post: operations['invitation.look'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/invitations/register': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Accepts an invitation with a new account, and signs in.
     * @description Recorded as `invitation.accepted`.
     */
    post: operations['invitation.register'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/invitations/accept': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Accepts an invitation with one’s own account.
     * @description Recorded as `invitation.accepted`.
     */
    post: operations['invitation.accept'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/joinable-tenants': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the tenants that one may join by the domain of one’s verified address. */
    get: operations['joinable_tenant.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/joinable-tenants/{id}/join': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Joins one of them.
     * @description Recorded as `member.added`.
     */
    post: operations['joinable_tenant.join'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/tenants': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Says who is signed in, and lists the tenants that one belongs to. */
    get: operations['account.tenants'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/factors': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Shows by what one can sign in. */
    get: operations['account.factors'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/step-up': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begins to show again who one is, for what demands it. */
    post: operations['account.step_up'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/email': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Mails a link to the address that one wants from now on, and tells the one from before.
     * @description The address changes when the link is followed. Answers alike whether or not somebody has the new one. Recorded as `user.email_change_asked`.
     */
    post: operations['account.change_email'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/email/confirm': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes the new address by the link that was mailed to it; the one from before is told.
     * @description Only of the account that asked for it, so that nobody else’s press will do. Recorded as `user.email_changed`.
     */
    post: operations['account.confirm_email'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Changes one’s password; all other sessions end.
     * @description Recorded as `password.changed`.
     */
    post: operations['account.change_password'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/totp': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begins to use an authenticator: the secret to scan, shown once. */
    post: operations['account.enrol_totp'];
    /**
     * Uses the authenticator no more.
     * @description Recorded as `mfa.removed`.
     */
    delete: operations['account.remove_totp'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/totp/confirm': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Shows that the authenticator has the secret.
     * @description Recorded as `mfa.enrolled`.
     */
    post: operations['account.confirm_totp'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/recovery-codes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Makes new recovery codes; the old ones are good no more.
     * @description Recorded as `recovery_code.renewed`.
     */
    post: operations['account.renew_recovery_codes'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/passkeys/options': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Begins to make a passkey: what the browser is told. */
    post: operations['account.passkey_options'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/passkeys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Keeps the passkey that the browser made.
     * @description Recorded as `passkey.added`.
     */
    post: operations['account.add_passkey'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/passkeys/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Uses a passkey no more.
     * @description Recorded as `passkey.removed`.
     */
    delete: operations['account.remove_passkey'];
    options?: never;
    head?: never;
    /** Gives a passkey another name. */
    patch: operations['account.rename_passkey'];
    trace?: never;
  };
  '/me/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists one’s own sessions, on all devices. */
    get: operations['account.sessions'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/sessions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Ends one of one’s own sessions.
     * @description Recorded as `session.ended`.
     */
    delete: operations['account.end_session'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/me/sessions/end-others': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ends all of one’s own sessions but this one.
     * @description Recorded as `session.ended`.
     */
    post: operations['account.end_other_sessions'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/members': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists who belongs to the tenant, by name.
     * @description Needs the permission `member:read`.
     */
    get: operations['member.list'];
    put?: never;
    /**
     * Makes somebody a member, who may do nothing until a role is granted.
     * @description Needs the permission `member:manage`. Recorded as `member.added`.
     */
    post: operations['member.add'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/members/{type}/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows one member; everybody may look at themself.
     * @description Needs the permission `member:read`.
     */
    get: operations['member.get'];
    put?: never;
    post?: never;
    /**
     * Ends a membership with all its grants, groups and keys.
     * @description Needs the permission `member:manage`. Recorded as `member.removed`.
     */
    delete: operations['member.remove'];
    options?: never;
    head?: never;
    /**
     * Changes what the tenant calls a member.
     * @description Needs the permission `member:manage`. Recorded as `member.renamed`.
     */
    patch: operations['member.rename'];
    trace?: never;
  };
  '/tenants/{tenant}/members/{type}/{id}/suspend': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Shuts a member out, who keeps what was granted for when they are restored.
     * @description Needs the permission `member:manage`. Recorded as `member.suspended`.
     */
    post: operations['member.suspend'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/members/{type}/{id}/restore': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Lets a suspended member in again.
     * @description Needs the permission `member:manage`. Recorded as `member.restored`.
     */
    post: operations['member.restore'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/members/leave': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ends one’s own membership.
     * @description Recorded as `member.left`.
     */
    post: operations['member.leave'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/ownership': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Hands one’s ownership to another member and stays as an admin.
     * @description Needs the permission `grant:manage`. Recorded as `ownership.transferred`.
     */
    post: operations['ownership.transfer'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/nodes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists what stands right below a node.
     * @description Needs the permission `node:read`.
     */
    get: operations['node.list'];
    put?: never;
    /**
     * Puts a node into the tree. Whoever holds the app’s own permission to create its kind, such as `document:create`, may too.
     * @description Needs the permission `node:manage`. Recorded as `node.created`.
     */
    post: operations['node.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/nodes/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows one node.
     * @description Needs the permission `node:read`.
     */
    get: operations['node.get'];
    put?: never;
    post?: never;
    /**
     * Deletes a node with all that is below it and all grants there. Whoever holds the app’s own permission to delete its kind may too.
     * @description Needs the permission `node:manage`. Recorded as `node.deleted`.
     */
    delete: operations['node.delete'];
    options?: never;
    head?: never;
    /**
     * Renames a node.
     * @description Needs the permission `node:manage`. Recorded as `node.renamed`.
     */
    patch: operations['node.rename'];
    trace?: never;
  };
  '/tenants/{tenant}/nodes/{id}/move': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Moves a node with all that is below it. Needs the permission at both places.
     * @description Needs the permission `node:manage`. Recorded as `node.moved`.
     */
    post: operations['node.move'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/roles': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the built-in roles and the tenant’s own.
     * @description Needs the permission `role:read`.
     */
    get: operations['role.list'];
    put?: never;
    /**
     * Makes a role of what its maker holds on the tenant.
     * @description Needs the permission `role:manage`. Recorded as `role.created`.
     */
    post: operations['role.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/roles/{key}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows one role with all that it holds.
     * @description Needs the permission `role:read`.
     */
    get: operations['role.get'];
    put?: never;
    post?: never;
    /**
     * Deletes a role that nobody has.
     * @description Needs the permission `role:manage`. Recorded as `role.deleted`.
     */
    delete: operations['role.delete'];
    options?: never;
    head?: never;
    /**
     * Changes a role, and so what all who have it may do. What is left out stays.
     * @description Needs the permission `role:manage`. Recorded as `role.updated`.
     */
    patch: operations['role.update'];
    trace?: never;
  };
  '/tenants/{tenant}/permissions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the permissions and the kinds of nodes there are; the same for every tenant. */
    get: operations['permission.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/groups': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the groups, by name.
     * @description Needs the permission `group:read`.
     */
    get: operations['group.list'];
    put?: never;
    /**
     * Makes a group.
     * @description Needs the permission `group:manage`. Recorded as `group.created`.
     */
    post: operations['group.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/groups/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows one group and how many are in it.
     * @description Needs the permission `group:read`.
     */
    get: operations['group.get'];
    put?: never;
    post?: never;
    /**
     * Deletes a group with all that was granted to it.
     * @description Needs the permission `group:manage`. Recorded as `group.deleted`.
     */
    delete: operations['group.delete'];
    options?: never;
    head?: never;
    /**
     * Renames a group.
     * @description Needs the permission `group:manage`. Recorded as `group.renamed`.
     */
    patch: operations['group.rename'];
    trace?: never;
  };
  '/tenants/{tenant}/groups/{id}/members': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists who is in a group.
     * @description Needs the permission `group:read`.
     */
    get: operations['group.members'];
    put?: never;
    /**
     * Puts members into a group, which needs all that the group was granted; 10,000 at most.
     * @description Needs the permission `group:manage`. Recorded as `group.members_added`.
     */
    post: operations['group.add_members'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/groups/{id}/members/remove': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Takes members out of a group; 10,000 at most.
     * @description Needs the permission `group:manage`. Recorded as `group.members_removed`.
     */
    post: operations['group.remove_members'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/grants': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists what was granted: on one node, to some holders, of one role, or all of it.
     * @description Needs the permission `grant:read`.
     */
    get: operations['grant.list'];
    put?: never;
    /**
     * Gives a role on a node and all below it; never more than its giver holds there.
     * @description Needs the permission `grant:manage`. Recorded as `grant.created`.
     */
    post: operations['grant.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/grants/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows one grant.
     * @description Needs the permission `grant:read`.
     */
    get: operations['grant.get'];
    put?: never;
    post?: never;
    /**
     * Takes a role away.
     * @description Needs the permission `grant:manage`. Recorded as `grant.revoked`.
     */
    delete: operations['grant.revoke'];
    options?: never;
    head?: never;
    /**
     * Makes a grant end earlier, later or never.
     * @description Needs the permission `grant:manage`. Recorded as `grant.end_changed`.
     */
    patch: operations['grant.change_end'];
    trace?: never;
  };
  '/tenants/{tenant}/access/check': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Says of many things at once whether they are permitted. About oneself everybody may ask.
     * @description Needs the permission `grant:read`.
     */
    post: operations['access.check'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/access/explain': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Says which grant decides, or why there is none. About oneself everybody may ask.
     * @description Needs the permission `grant:read`.
     */
    post: operations['access.explain'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/access/nodes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the nodes on which somebody holds a permission, by a grant there or above. About oneself everybody may ask.
     * @description Needs the permission `grant:read`.
     */
    get: operations['access.permitted'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/access/matrix': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows what each member holds on a node.
     * @description Needs the permission `grant:read`.
     */
    get: operations['access.matrix'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/policies': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows the policies that hold.
     * @description Needs the permission `policy:read`.
     */
    get: operations['policy.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/policies/{kind}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows one policy as it holds.
     * @description Needs the permission `policy:read`.
     */
    get: operations['policy.get'];
    /**
     * Sets a policy; what the body leaves out becomes the default.
     * @description Needs the permission `policy:manage`. Recorded as `policy.set`.
     */
    put: operations['policy.set'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/policies/{kind}/preview': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Says whom a policy would affect, and changes nothing.
     * @description Needs the permission `policy:manage`.
     */
    post: operations['policy.preview'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/policies/{kind}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows the versions of a policy, the newest first.
     * @description Needs the permission `policy:read`.
     */
    get: operations['policy.history'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/close': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Closes the tenant for good. Its data stays until it is removed on purpose.
     * @description Needs the permission `tenant:close`. Recorded as `tenant.closed`.
     */
    post: operations['tenant.close'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/service-accounts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The service accounts of the tenant.
     * @description Needs the permission `member:read`.
     */
    get: operations['service_account.list'];
    put?: never;
    /**
     * Makes a service account. It may do nothing until a role is granted to it.
     * @description Needs the permission `service_account:manage`. Recorded as `service_account.created`.
     */
    post: operations['service_account.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/service-accounts/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * A service account of the tenant.
     * @description Needs the permission `member:read`.
     */
    get: operations['service_account.get'];
    put?: never;
    post?: never;
    /**
     * Removes a service account with its keys and all it was granted.
     * @description Needs the permission `service_account:manage`. Recorded as `service_account.deleted`.
     */
    delete: operations['service_account.delete'];
    options?: never;
    head?: never;
    /**
     * Changes the name or the description of a service account.
     * @description Needs the permission `service_account:manage`. Recorded as `service_account.changed`.
     */
    patch: operations['service_account.update'];
    trace?: never;
  };
  '/tenants/{tenant}/service-accounts/{id}/disable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Disables a service account: none of its keys is good until it is enabled.
     * @description Needs the permission `service_account:manage`. Recorded as `service_account.disabled`.
     */
    post: operations['service_account.disable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/service-accounts/{id}/enable': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Lets a disabled service account work again.
     * @description Needs the permission `service_account:manage`. Recorded as `service_account.enabled`.
     */
    post: operations['service_account.enable'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/api-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The keys that were not withdrawn: of one holder, or of all. One’s own needs no permission.
     * @description Needs the permission `api_key:read`.
     */
    get: operations['api_key.list'];
    put?: never;
    /**
     * Makes a key for a service account, or for oneself. One’s own needs no permission.
     * @description Needs the permission `api_key:manage`. Recorded as `api_key.created`.
     */
    post: operations['api_key.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/api-keys/{id}/rotate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Gives a key another token; the old one is good for the overlap. One’s own needs no permission.
     * @description Needs the permission `api_key:manage`. Recorded as `api_key.rotated`.
     */
    post: operations['api_key.rotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/api-keys/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Withdraws a key, within a second in every process. One’s own needs no permission.
     * @description Needs the permission `api_key:manage`. Recorded as `api_key.revoked`.
     */
    delete: operations['api_key.revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The sessions that are alive in the tenant, the last used first; at most 1000.
     * @description Needs the permission `session:read`.
     */
    get: operations['session.list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/sessions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Lets a session no longer into this tenant; in the user’s other tenants it goes on.
     * @description Needs the permission `session:manage`. Recorded as `session.shut_out`.
     */
    delete: operations['session.revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/sessions/revoke-all': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Lets none of a user’s present sessions into this tenant any more.
     * @description Needs the permission `session:manage`. Recorded as `session.shut_out`.
     */
    post: operations['session.revoke_all'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/invitations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The invitations, the newest first.
     * @description Needs the permission `member:invite`.
     */
    get: operations['invitation.list'];
    put?: never;
    /**
     * Invites somebody by mail. Members, users and strangers are answered alike.
     * @description Needs the permission `member:invite`. Recorded as `invitation.created`.
     */
    post: operations['invitation.create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/invitations/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Takes an invitation back: its link is dead at once.
     * @description Needs the permission `member:invite`. Recorded as `invitation.revoked`.
     */
    delete: operations['invitation.revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/invitations/{id}/resend': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Mails a new link, which ends the one before.
     * @description Needs the permission `member:invite`. Recorded as `invitation.resent`.
     */
    post: operations['invitation.resend'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/invitations/import': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Invites everybody in a CSV table. Running it again invites nobody twice.
     * @description Needs the permission `member:invite`. Recorded as `invitation.created`.
     */
    post: operations['invitation.import'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/invitations/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The invitations as CSV, the newest first, safe to open in a spreadsheet.
     * @description Needs the permission `member:invite`.
     */
    get: operations['invitation.export'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/verified-domains': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The mail domains whose people may join by themselves.
     * @description Needs the permission `tenant:read`.
     */
    get: operations['verified_domain.list'];
    put?: never;
    /**
     * Adds a mail domain; it lets people in once its TXT record is found.
     * @description Needs the permission `tenant:manage`. Recorded as `domain.added`.
     */
    post: operations['verified_domain.add'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/verified-domains/{domain}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Removes a mail domain; who has joined by it stays.
     * @description Needs the permission `tenant:manage`. Recorded as `domain.removed`.
     */
    delete: operations['verified_domain.remove'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/tenants/{tenant}/verified-domains/{domain}/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Looks for the TXT record now.
     * @description Needs the permission `tenant:manage`. Recorded as `domain.verified`.
     */
    post: operations['verified_domain.verify'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: never;
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  'me.get': {
    parameters: {
      query?: {
        /** @description By id or slug, the tenant that somebody is in who belongs to several. Operators need none. */
        tenant?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Says who is signed in. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actor: {
              type: string;
              id: string;
              name: string;
              email: string | null;
            };
            /**
             * @description Operators see every tenant; anybody else theirs.
             * @enum {string}
             */
            plane: 'operator' | 'tenant';
            /** @description Null for operators. */
            tenant: {
              id: string;
              slug: string;
              name: string;
            } | null;
            permissions: string[];
            /** @description Send it as `X-CSRF-Token` with every change. */
            csrfToken: string;
            version: string;
          };
        };
      };
    };
  };
  'account.rename': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
        };
      };
    };
    responses: {
      /** @description Changes one’s own name, in every membership too. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            email: string;
            name: string;
          };
        };
      };
    };
  };
  'overview.get': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Says whether tenants are isolated, the log is whole and something is wrong. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description RFC 3339, in UTC. */
            serverTime: string;
            isolation: {
              tenants: number;
              /** @description Objects of the database, of the last proof. */
              proven: number;
              leaks: number;
              unknown: number;
              provenAt: string | null;
              schemaVersion: string | null;
            };
            log: {
              events: number;
              logs: number;
              verifiedEvents: number;
              verifiedAt: string | null;
              /** @description Null until it was verified for the first time. */
              whole: boolean | null;
              fault: string | null;
              /** @description Logs that have grown since their last checkpoint. */
              unsigned: number;
            };
            denials: {
              lastHour: number;
              last24Hours: number;
              tenants: number;
            };
            activity: {
              /** @description RFC 3339, in UTC. */
              at: string;
              events: number;
              denials: number;
              /** @description Alerts of the detection rules; 0 while there are none. */
              alerts: number;
            }[];
            waiting: {
              /** @enum {string} */
              kind:
                | 'leak'
                | 'denials'
                | 'invitation_expiring'
                | 'log_fault'
                | 'unprotected_table'
                | 'job';
              title: string;
              detail: string;
              /** @description Below the console. */
              href: string;
              /** @enum {string} */
              state: 'proven' | 'attention' | 'breach' | 'quiet' | 'unknown';
              since: string | null;
            }[];
            latestDenials: {
              /** @description Of the event. */
              id: string;
              /** @description RFC 3339, in UTC. */
              at: string;
              tenant: string;
              tenantName: string;
              action: string;
              code: string | null;
              actor: string | null;
              path: string | null;
              /** @description How many refusals of its kind it stands for. */
              count: number;
            }[];
          };
        };
      };
    };
  };
  'overview.hull': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows all tenants as compartments. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            ids: string[];
            slugs: string[];
            names: string[];
            disabled: boolean[];
            /** @description In the last 24 hours. */
            events: number[];
            denials: number[];
          };
        };
      };
    };
  };
  'stream.get': {
    parameters: {
      query?: {
        /** @description By id or slug, the tenant that somebody is in who belongs to several. Operators need none. */
        tenant?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Streams what happens, as server-sent events. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
    };
  };
  'settings.get': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows versions, roles, workers and the public keys of the log. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            version: string;
            schema: {
              room: string;
              migration: string;
              /** @description RFC 3339, in UTC. */
              appliedAt: string;
            }[];
            database: {
              version: string;
              appRole: string;
              operatorRole: string | null;
            };
            contextKeys: {
              kid: string;
              /** @description RFC 3339, in UTC. */
              installedAt: string;
            }[];
            workers: {
              name: string;
              alive: boolean;
              seenAt: string | null;
              lagMs: number | null;
            }[];
            logKeys: {
              name: string;
              verifierKey: string;
            }[];
          };
        };
      };
    };
  };
  'tracked_table.list': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the tables whose rows are recorded when they change. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              table: string;
              /** @description False where somebody has disabled the trigger. */
              enabled: boolean;
              settings: {
                /** @description What a row is in the log. */
                type: string;
                class: string;
                /** @description Columns that are left out. */
                exclude: string[];
                /** @description Columns of which only is told that they changed. */
                mask: string[];
                /** @description Columns that are sealed, and whose they are. */
                personal: {
                  [key: string]: unknown;
                };
              };
            }[];
            next: null;
          };
        };
      };
    };
  };
  'isolation.get': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows the last proof: every object that the app reaches, and what holds it. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            provenAt: string | null;
            schemaVersion: string | null;
            running: boolean;
            proof: {
              database: string;
              role: string;
              summary: {
                proven: number;
                leak: number;
                unknown: number;
              };
              objects: {
                object: string;
                type: string;
                /** @enum {string} */
                verdict: 'proven' | 'leak' | 'unknown';
                because: string | null;
                findings: {
                  kind: string;
                  why: string;
                  exploit: string | null;
                  confirmed: boolean;
                  fix: string | null;
                  /** @enum {string} */
                  severity: 'critical' | 'high' | 'medium' | 'low';
                }[];
              }[];
              convention: {
                kind: string;
                setting: string | null;
                expression: string | null;
                tenantColumns: string[];
                registry: string | null;
              };
              notSeen: string[];
            } | null;
            /** @description From a view to what it reads. */
            edges: {
              from: string;
              to: string;
            }[];
          };
        };
      };
    };
  };
  'isolation.prove': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Proves isolation again. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            /** @enum {string} */
            kind: 'proof' | 'verification' | 'export';
            title: string;
            /** @enum {string} */
            status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
            done: number;
            total: number | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            finishedAt: string | null;
            /** @description Below the API. */
            resultHref: string | null;
            problem: {
              status: number;
              code: string;
              title: string;
              next: string;
            } | null;
          };
        };
      };
    };
  };
  'audit.verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Verifies every log against what was signed. */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            /** @enum {string} */
            kind: 'proof' | 'verification' | 'export';
            title: string;
            /** @enum {string} */
            status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
            done: number;
            total: number | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            finishedAt: string | null;
            /** @description Below the API. */
            resultHref: string | null;
            problem: {
              status: number;
              code: string;
              title: string;
              next: string;
            } | null;
          };
        };
      };
    };
  };
  'job.list': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the work of the last days, the newest first. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              /** @enum {string} */
              kind: 'proof' | 'verification' | 'export';
              title: string;
              /** @enum {string} */
              status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
              done: number;
              total: number | null;
              /** @description RFC 3339, in UTC. */
              createdAt: string;
              finishedAt: string | null;
              /** @description Below the API. */
              resultHref: string | null;
              problem: {
                status: number;
                code: string;
                title: string;
                next: string;
              } | null;
            }[];
            next: null;
          };
        };
      };
    };
  };
  'job.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows how a piece of work stands. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            /** @enum {string} */
            kind: 'proof' | 'verification' | 'export';
            title: string;
            /** @enum {string} */
            status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
            done: number;
            total: number | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            finishedAt: string | null;
            /** @description Below the API. */
            resultHref: string | null;
            problem: {
              status: number;
              code: string;
              title: string;
              next: string;
            } | null;
          };
        };
      };
    };
  };
  'job.cancel': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        job: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Calls a piece of work off. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            /** @enum {string} */
            kind: 'proof' | 'verification' | 'export';
            title: string;
            /** @enum {string} */
            status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
            done: number;
            total: number | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            finishedAt: string | null;
            /** @description Below the API. */
            resultHref: string | null;
            problem: {
              status: number;
              code: string;
              title: string;
              next: string;
            } | null;
          };
        };
      };
    };
  };
  'tenant.list': {
    parameters: {
      query?: {
        /** @description Part of a name, slug, external id or domain. */
        q?: string;
        status?: 'active' | 'disabled' | 'suspended' | 'closed';
        sort?: 'slug' | 'name' | 'created' | 'events' | 'denials';
        /** @description `next` of the page before. */
        after?: string;
        /** @description How many at most. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists tenants. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              slug: string;
              name: string;
              /** @enum {string} */
              status: 'active' | 'disabled' | 'suspended' | 'closed';
              externalId: string | null;
              domains: string[];
              /** @description RFC 3339, in UTC. */
              createdAt: string;
              /** @description RFC 3339, in UTC. */
              updatedAt: string;
              members: number;
              events24h: number;
              denials24h: number;
              lastEventAt: string | null;
            }[];
            /** @description Pass it as `after`; null on the last page. */
            next: string | null;
            total?: number;
          };
        };
      };
    };
  };
  'tenant.create': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description One DNS label; never changed. */
          slug: string;
          /** @description The slug unless given. */
          name?: string;
          /** @description The identity provider’s id of it. */
          externalId?: string;
        };
      };
    };
    responses: {
      /** @description Registers a tenant. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled' | 'suspended' | 'closed';
            externalId: string | null;
            domains: string[];
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'tenant.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Tells a tenant’s whole story. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled' | 'suspended' | 'closed';
            externalId: string | null;
            domains: string[];
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
            members: number;
            events24h: number;
            denials24h: number;
            lastEventAt: string | null;
            invitations: number;
            serviceAccounts: number;
            apiKeys: number;
            sessions: number;
            log: {
              size: number;
              signedSize: number;
              signedAt: string | null;
              origin: string;
            };
            /** @description Thirty days. */
            activity: {
              /** @description RFC 3339, in UTC. */
              at: string;
              events: number;
              denials: number;
              /** @description Alerts of the detection rules; 0 while there are none. */
              alerts: number;
            }[];
          };
        };
      };
    };
  };
  'tenant.rename': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
        };
      };
    };
    responses: {
      /** @description Changes the name that people are shown. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled' | 'suspended' | 'closed';
            externalId: string | null;
            domains: string[];
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'tenant.disable': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why, for the record. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description Suspends a tenant: every request of it is refused within five seconds. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled' | 'suspended' | 'closed';
            externalId: string | null;
            domains: string[];
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'tenant.enable': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why, for the record. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description Lets a suspended tenant in again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled' | 'suspended' | 'closed';
            externalId: string | null;
            domains: string[];
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'tenant.add_domain': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          domain: string;
        };
      };
    };
    responses: {
      /** @description Leads a custom domain to a tenant. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled' | 'suspended' | 'closed';
            externalId: string | null;
            domains: string[];
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'tenant.remove_domain': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        domain: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Leads a custom domain to a tenant no more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled' | 'suspended' | 'closed';
            externalId: string | null;
            domains: string[];
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'user.list': {
    parameters: {
      query?: {
        /** @description This address alone. */
        email?: string;
        /** @description `next` of the page before. */
        after?: string;
        /** @description How many at most. */
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists people’s accounts, in order of their addresses. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              email: string;
              name: string;
              /** @enum {string} */
              status: 'active' | 'disabled';
              emailVerifiedAt: string | null;
              /** @description RFC 3339, in UTC. */
              createdAt: string;
              /** @description RFC 3339, in UTC. */
              updatedAt: string;
            }[];
            /** @description Pass it as `after`; null on the last page. */
            next: string | null;
            total?: number;
          };
        };
      };
    };
  };
  'user.create': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          email: string;
          name?: string;
        };
      };
    };
    responses: {
      /** @description Makes an account; its owner sets the password by a link. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled';
            emailVerifiedAt: string | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'user.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows an account, and where its owner is a member. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled';
            emailVerifiedAt: string | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
            /** @description Where they are a member, the operators among them. */
            tenants: {
              id: string;
              slug: string;
              name: string;
              membership: string;
            }[];
          };
        };
      };
    };
  };
  'user.rename': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
        };
      };
    };
    responses: {
      /** @description Changes a person’s name, in every membership too. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled';
            emailVerifiedAt: string | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'user.disable': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why, for the record. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description Shuts a person out of every tenant: all their sessions end. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled';
            emailVerifiedAt: string | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'user.enable': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lets a person in again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            email: string;
            name: string;
            /** @enum {string} */
            status: 'active' | 'disabled';
            emailVerifiedAt: string | null;
            /** @description RFC 3339, in UTC. */
            createdAt: string;
            /** @description RFC 3339, in UTC. */
            updatedAt: string;
          };
        };
      };
    };
  };
  'user.reset_factors': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Why, for the record. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description Takes every second factor from a person who lost theirs: all their sessions end. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            totp: boolean;
            passkeys: number;
            recoveryCodes: number;
          };
        };
      };
    };
  };
  'user.sessions': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists a person’s sessions, on all devices. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              device: string;
              ip: string | null;
              methods: string[];
              /** @description RFC 3339, in UTC. */
              createdAt: string;
              /** @description RFC 3339, in UTC. */
              lastSeenAt: string;
              /** @description RFC 3339, in UTC. */
              endsAt: string;
              current: boolean;
            }[];
            next: null;
          };
        };
      };
    };
  };
  'user.end_sessions': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        user: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ends all of a person’s sessions. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            ended: number;
          };
        };
      };
    };
  };
  'event.search': {
    parameters: {
      query?: {
        /** @description Events that happened then or later. */
        from?: string;
        /** @description Events that happened before then. */
        to?: string;
        /** @description An action, or its first words and `.*`. */
        action?: string[];
        /** @description A type, or type:id. */
        actor?: string[];
        /** @description A type, or type:id. */
        target?: string[];
        outcome?: ('success' | 'failure' | 'denied')[];
        /** @description Words that must all stand in the event. */
        text?: string;
        /** @description The retention class. */
        class?: string;
        /** @description `next` of the page before. */
        after?: string;
        /** @description How many at most. */
        limit?: number;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Searches a tenant’s events, the newest first. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              tenant: string;
              class: string;
              leafIndex: number;
              action: string;
              actor: {
                type: string;
                id: string;
                name?: string;
              };
              targets: {
                type: string;
                id: string;
                name?: string;
              }[];
              /** @enum {string} */
              outcome: 'success' | 'failure' | 'denied';
              source: string;
              /** @description RFC 3339, in UTC. */
              time: string;
              /** @description RFC 3339, in UTC. */
              recorded: string;
              claimedTime?: string;
              ip?: string;
              userAgent?: string;
              location?: {
                country?: string;
                region?: string;
                city?: string;
                latitude?: number;
                longitude?: number;
              };
              requestId?: string;
              sessionId?: string;
              reason?: string;
              metadata?: {
                [key: string]: unknown;
              };
              before?: {
                [key: string]: unknown;
              };
              after?: {
                [key: string]: unknown;
              };
              closed?: {
                [key: string]: 'erased' | 'sealed';
              };
            }[];
            /** @description Pass it as `after`; null on the last page. */
            next: string | null;
            total?: number;
          };
        };
      };
    };
  };
  'event.histogram': {
    parameters: {
      query?: {
        /** @description Events that happened then or later. */
        from?: string;
        /** @description Events that happened before then. */
        to?: string;
        /** @description An action, or its first words and `.*`. */
        action?: string[];
        /** @description A type, or type:id. */
        actor?: string[];
        /** @description A type, or type:id. */
        target?: string[];
        outcome?: ('success' | 'failure' | 'denied')[];
        /** @description Words that must all stand in the event. */
        text?: string;
        /** @description The retention class. */
        class?: string;
        /** @description How many slots. */
        slots?: number;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Counts a tenant’s events over time. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description RFC 3339, in UTC. */
            from: string;
            /** @description RFC 3339, in UTC. */
            to: string;
            slotSeconds: number;
            slots: {
              /** @description RFC 3339, in UTC. */
              at: string;
              success: number;
              failure: number;
              denied: number;
            }[];
            total: number;
            /** @description False where only the newest part was counted. */
            complete: boolean;
          };
        };
      };
    };
  };
  'event.facets': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Suggests what to search for. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            actions: {
              action: string;
              description: string;
            }[];
            actors: {
              type: string;
              id: string;
              name?: string;
            }[];
            targetTypes: string[];
          };
        };
      };
    };
  };
  'event.export': {
    parameters: {
      query?: {
        /** @description Events that happened then or later. */
        from?: string;
        /** @description Events that happened before then. */
        to?: string;
        /** @description An action, or its first words and `.*`. */
        action?: string[];
        /** @description A type, or type:id. */
        actor?: string[];
        /** @description A type, or type:id. */
        target?: string[];
        outcome?: ('success' | 'failure' | 'denied')[];
        /** @description Words that must all stand in the event. */
        text?: string;
        /** @description The retention class. */
        class?: string;
        format?: 'ndjson' | 'csv' | 'ocsf' | 'ecs' | 'cef' | 'rfc5424';
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Writes all events that a filter finds, in a format of SIEMs or spreadsheets. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
          'text/plain': string;
        };
      };
    };
  };
  'event.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        event: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows one event. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            tenant: string;
            class: string;
            leafIndex: number;
            action: string;
            actor: {
              type: string;
              id: string;
              name?: string;
            };
            targets: {
              type: string;
              id: string;
              name?: string;
            }[];
            /** @enum {string} */
            outcome: 'success' | 'failure' | 'denied';
            source: string;
            /** @description RFC 3339, in UTC. */
            time: string;
            /** @description RFC 3339, in UTC. */
            recorded: string;
            claimedTime?: string;
            ip?: string;
            userAgent?: string;
            location?: {
              country?: string;
              region?: string;
              city?: string;
              latitude?: number;
              longitude?: number;
            };
            requestId?: string;
            sessionId?: string;
            reason?: string;
            metadata?: {
              [key: string]: unknown;
            };
            before?: {
              [key: string]: unknown;
            };
            after?: {
              [key: string]: unknown;
            };
            closed?: {
              [key: string]: 'erased' | 'sealed';
            };
          };
        };
      };
    };
  };
  'event.prove': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        event: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Proves that an event is in the signed log. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            proof: {
              leafIndex: number;
              treeSize: number;
              hashes: string[];
              leafHash: string;
              rootHash: string;
              entry: string;
            };
            checkpoint: string;
            log: {
              tenant: string;
              class: string;
            };
            signedAt: string | null;
            verifierKeys: string[];
          };
        };
      };
    };
  };
  'log.list': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows a tenant’s logs: their size, and how far they are signed. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              class: string;
              origin: string;
              size: number;
              signedSize: number;
              signedAt: string | null;
              rootHash: string | null;
              checkpoint: string | null;
              verifierKeys: string[];
            }[];
          };
        };
      };
    };
  };
  'log.prove': {
    parameters: {
      query: {
        /** @description The earlier size, as a checkpoint says it. */
        from: number;
        /** @description The later one. */
        to: number;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        class: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Proves that a log continues what it was at an earlier signed size. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            oldSize: number;
            newSize: number;
            hashes: string[];
            oldRoot: string;
            newRoot: string;
          };
        };
      };
    };
  };
  'audit.erase': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          subject: {
            type: string;
            id: string;
          };
          /** @description Why, for the record. */
          reason: string;
        };
      };
    };
    responses: {
      /** @description Makes a person’s data in the tenant’s log unreadable for ever; the log stays whole. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description What the log calls the person from now on. */
            pseudonym: string;
            wasKnown: boolean;
            openingsDeleted: number;
          };
        };
      };
    };
  };
  'sign_in.password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          email?: string;
          challenge?: string;
          password: string;
        };
      };
    };
    responses: {
      /** @description Signs in with a password; a second factor may be asked for. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json':
            | {
                /** @constant */
                status: 'done';
                mfa: boolean;
                /** @description A tenant demands a second factor, and there is none yet. */
                mustEnrol: boolean;
                recoveryCodesLeft: number;
              }
            | {
                /** @constant */
                status: 'second_factor';
                /** @description Names this sign-in in the next step. */
                challenge: string;
                /** @description Any one of them. */
                methods: ('password' | 'passkey' | 'totp' | 'recovery')[];
              }
            | {
                /** @constant */
                status: 'new_password';
                challenge: string;
              };
        };
      };
    };
  };
  'sign_in.second_factor': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          challenge: string;
          /** @enum {string} */
          method: 'totp' | 'recovery';
          code: string;
        };
      };
    };
    responses: {
      /** @description Goes on with a code of the authenticator, or a recovery code. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json':
            | {
                /** @constant */
                status: 'done';
                mfa: boolean;
                /** @description A tenant demands a second factor, and there is none yet. */
                mustEnrol: boolean;
                recoveryCodesLeft: number;
              }
            | {
                /** @constant */
                status: 'second_factor';
                /** @description Names this sign-in in the next step. */
                challenge: string;
                /** @description Any one of them. */
                methods: ('password' | 'passkey' | 'totp' | 'recovery')[];
              }
            | {
                /** @constant */
                status: 'new_password';
                challenge: string;
              };
        };
      };
    };
  };
  'sign_in.new_password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          challenge: string;
          password: string;
        };
      };
    };
    responses: {
      /** @description Goes on with a new password where the old one is too old. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json':
            | {
                /** @constant */
                status: 'done';
                mfa: boolean;
                /** @description A tenant demands a second factor, and there is none yet. */
                mustEnrol: boolean;
                recoveryCodesLeft: number;
              }
            | {
                /** @constant */
                status: 'second_factor';
                /** @description Names this sign-in in the next step. */
                challenge: string;
                /** @description Any one of them. */
                methods: ('password' | 'passkey' | 'totp' | 'recovery')[];
              }
            | {
                /** @constant */
                status: 'new_password';
                challenge: string;
              };
        };
      };
    };
  };
  'sign_in.passkey_options': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          email?: string;
          /** @description Of a sign-in under way. */
          challenge?: string;
        };
      };
    };
    responses: {
      /** @description Begins with a passkey: what the browser is to sign. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            challenge: string;
            options: {
              [key: string]: unknown;
            };
          };
        };
      };
    };
  };
  'sign_in.passkey_verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          challenge: string;
          response: {
            [key: string]: unknown;
          };
        };
      };
    };
    responses: {
      /** @description Goes on with what the passkey signed. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json':
            | {
                /** @constant */
                status: 'done';
                mfa: boolean;
                /** @description A tenant demands a second factor, and there is none yet. */
                mustEnrol: boolean;
                recoveryCodesLeft: number;
              }
            | {
                /** @constant */
                status: 'second_factor';
                /** @description Names this sign-in in the next step. */
                challenge: string;
                /** @description Any one of them. */
                methods: ('password' | 'passkey' | 'totp' | 'recovery')[];
              }
            | {
                /** @constant */
                status: 'new_password';
                challenge: string;
              };
        };
      };
    };
  };
  'sign_out.all': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'password_reset.request': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          email: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'password_reset.finish': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          token: string;
          password: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'invitation.look': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What stands behind the # of the link. */
          token: string;
        };
      };
    };
    responses: {
      /** @description Shows what a link invites to; uses nothing up. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            tenant: string;
            slug: string;
            /** @description No other address may accept. */
            email: string;
            name: string | null;
            /** @description RFC 3339, in UTC. */
            expiresAt: string;
            passwordLengthMin: number;
          };
        };
      };
    };
  };
  'invitation.register': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What stands behind the # of the link. */
          token: string;
          name: string;
          password: string;
        };
      };
    };
    responses: {
      /** @description Accepts an invitation with a new account, and signs in. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            tenant: {
              id: string;
              slug: string;
              name: string;
            };
            role: string;
          };
        };
      };
    };
  };
  'invitation.accept': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What stands behind the # of the link. */
          token: string;
        };
      };
    };
    responses: {
      /** @description Accepts an invitation with one’s own account. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            tenant: {
              id: string;
              slug: string;
              name: string;
            };
            role: string;
          };
        };
      };
    };
  };
  'joinable_tenant.list': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the tenants that one may join by the domain of one’s verified address. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              slug: string;
              name: string;
            }[];
            next: null;
          };
        };
      };
    };
  };
  'joinable_tenant.join': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Joins one of them. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            tenant: {
              id: string;
              slug: string;
              name: string;
            };
            role: string;
          };
        };
      };
    };
  };
  'account.tenants': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Says who is signed in, and lists the tenants that one belongs to. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              slug: string;
              name: string;
              status: string;
            }[];
            next: null;
            user: {
              id: string;
              email: string;
              name: string;
            };
            /** @description Send it as `X-CSRF-Token` with every change; the one of GET /me in every tenant. */
            csrfToken: string;
          };
        };
      };
    };
  };
  'account.factors': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows by what one can sign in. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            password: {
              /** @description RFC 3339, in UTC. */
              changedAt: string;
            } | null;
            totp: {
              /** @description RFC 3339, in UTC. */
              confirmedAt: string;
            } | null;
            recoveryCodesLeft: number;
            passkeys: {
              id: string;
              name: string;
              /** @description RFC 3339, in UTC. */
              createdAt: string;
              lastUsedAt: string | null;
              backedUp: boolean;
            }[];
          };
        };
      };
    };
  };
  'account.step_up': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Begins to show again who one is, for what demands it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json':
            | {
                /** @constant */
                status: 'done';
                mfa: boolean;
                /** @description A tenant demands a second factor, and there is none yet. */
                mustEnrol: boolean;
                recoveryCodesLeft: number;
              }
            | {
                /** @constant */
                status: 'second_factor';
                /** @description Names this sign-in in the next step. */
                challenge: string;
                /** @description Any one of them. */
                methods: ('password' | 'passkey' | 'totp' | 'recovery')[];
              }
            | {
                /** @constant */
                status: 'new_password';
                challenge: string;
              };
        };
      };
    };
  };
  'account.change_email': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          email: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'account.confirm_email': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          token: string;
        };
      };
    };
    responses: {
      /** @description Takes the new address by the link that was mailed to it; the one from before is told. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description The address from now on. */
            email: string;
          };
        };
      };
    };
  };
  'account.change_password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          current: string;
          password: string;
        };
      };
    };
    responses: {
      /** @description Changes one’s password; all other sessions end. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            sessionsEnded: number;
          };
        };
      };
    };
  };
  'account.enrol_totp': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Begins to use an authenticator: the secret to scan, shown once. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description In base32, to be typed. */
            secret: string;
            /** @description The same for an app to open or to scan. */
            uri: string;
          };
        };
      };
    };
  };
  'account.remove_totp': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'account.confirm_totp': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          code: string;
        };
      };
    };
    responses: {
      /** @description Shows that the authenticator has the secret. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Shown this once, with the first second factor. */
            recoveryCodes: string[] | null;
          };
        };
      };
    };
  };
  'account.renew_recovery_codes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Makes new recovery codes; the old ones are good no more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Shown this once. */
            recoveryCodes: string[];
          };
        };
      };
    };
  };
  'account.passkey_options': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Begins to make a passkey: what the browser is told. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            challenge: string;
            options: {
              [key: string]: unknown;
            };
          };
        };
      };
    };
  };
  'account.add_passkey': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          challenge: string;
          response: {
            [key: string]: unknown;
          };
          name: string;
        };
      };
    };
    responses: {
      /** @description Keeps the passkey that the browser made. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            id: string;
            recoveryCodes: string[] | null;
          };
        };
      };
    };
  };
  'account.remove_passkey': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'account.rename_passkey': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'account.sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists one’s own sessions, on all devices. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              id: string;
              device: string;
              ip: string | null;
              methods: string[];
              /** @description RFC 3339, in UTC. */
              createdAt: string;
              /** @description RFC 3339, in UTC. */
              lastSeenAt: string;
              /** @description RFC 3339, in UTC. */
              endsAt: string;
              current: boolean;
            }[];
            next: null;
          };
        };
      };
    };
  };
  'account.end_session': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'account.end_other_sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ends all of one’s own sessions but this one. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            ended: number;
          };
        };
      };
    };
  };
  'member.list': {
    parameters: {
      query?: {
        /** @description At most 200. */
        limit?: number;
        /** @description `next` of the page before. */
        after?: string;
        status?: 'active' | 'suspended';
        /** @description Part of a name or an address. */
        search?: string;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists who belongs to the tenant, by name. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @enum {string} */
              type: 'user' | 'service_account';
              /** @description The actor’s id, as the signed context has it. */
              id: string;
              name: string;
              email: string | null;
              /** @enum {string} */
              status: 'active' | 'suspended';
              createdAt: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'member.add': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          type: 'user' | 'service_account';
          /** @description The actor’s id, as the signed context has it. */
          id: string;
          /** @description What people are shown; 1 to 200 characters. */
          name: string;
          /** Format: email */
          email?: string;
        };
      };
    };
    responses: {
      /** @description Makes somebody a member, who may do nothing until a role is granted. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            type: 'user' | 'service_account';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
            name: string;
            email: string | null;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
          };
        };
      };
    };
  };
  'member.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        type: 'user' | 'service_account';
        /** @description The actor’s id, as the signed context has it. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows one member; everybody may look at themself. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            type: 'user' | 'service_account';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
            name: string;
            email: string | null;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
          };
        };
      };
    };
  };
  'member.remove': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        type: 'user' | 'service_account';
        /** @description The actor’s id, as the signed context has it. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ends a membership with all its grants, groups and keys. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  'member.rename': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        type: 'user' | 'service_account';
        /** @description The actor’s id, as the signed context has it. */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What people are shown; 1 to 200 characters. */
          name: string;
        };
      };
    };
    responses: {
      /** @description Changes what the tenant calls a member. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            type: 'user' | 'service_account';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
            name: string;
            email: string | null;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
          };
        };
      };
    };
  };
  'member.suspend': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        type: 'user' | 'service_account';
        /** @description The actor’s id, as the signed context has it. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shuts a member out, who keeps what was granted for when they are restored. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            type: 'user' | 'service_account';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
            name: string;
            email: string | null;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
          };
        };
      };
    };
  };
  'member.restore': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        type: 'user' | 'service_account';
        /** @description The actor’s id, as the signed context has it. */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lets a suspended member in again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            type: 'user' | 'service_account';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
            name: string;
            email: string | null;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
          };
        };
      };
    };
  };
  'member.leave': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Ends one’s own membership. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  'ownership.transfer': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The user who becomes an owner. */
          to: string;
        };
      };
    };
    responses: {
      /** @description Hands one’s ownership to another member and stays as an admin. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  'node.list': {
    parameters: {
      query?: {
        /** @description At most 200. */
        limit?: number;
        /** @description `next` of the page before. */
        after?: string;
        /** @description The node above; the tenant itself unless given. */
        parent?: string;
        kind?: string;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists what stands right below a node. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              parent: string | null;
              kind: string;
              name: string;
              ancestors: string[];
              createdAt: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'node.create': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * Format: uuid
           * @description The node above; the tenant itself unless given.
           */
          parent?: string;
          kind: string;
          /** @description What people are shown; 1 to 200 characters. */
          name: string;
        };
      };
    };
    responses: {
      /** @description Puts a node into the tree. Whoever holds the app’s own permission to create its kind, such as `document:create`, may too. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            parent: string | null;
            kind: string;
            name: string;
            ancestors: string[];
            createdAt: string;
          };
        };
      };
    };
  };
  'node.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows one node. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            parent: string | null;
            kind: string;
            name: string;
            ancestors: string[];
            createdAt: string;
          };
        };
      };
    };
  };
  'node.delete': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a node with all that is below it and all grants there. Whoever holds the app’s own permission to delete its kind may too. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            nodes: number;
            grants: number;
          };
        };
      };
    };
  };
  'node.rename': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What people are shown; 1 to 200 characters. */
          name: string;
        };
      };
    };
    responses: {
      /** @description Renames a node. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            parent: string | null;
            kind: string;
            name: string;
            ancestors: string[];
            createdAt: string;
          };
        };
      };
    };
  };
  'node.move': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          /**
           * Format: uuid
           * @description The node above; the tenant itself unless given.
           */
          parent?: string;
        };
      };
    };
    responses: {
      /** @description Moves a node with all that is below it. Needs the permission at both places. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            parent: string | null;
            kind: string;
            name: string;
            ancestors: string[];
            createdAt: string;
          };
        };
      };
    };
  };
  'role.list': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the built-in roles and the tenant’s own. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              key: string;
              name: string;
              description: string;
              kind: string | null;
              builtIn: boolean;
              permissions: string[];
              inherits: string[];
            }[];
            next: null;
          };
        };
      };
    };
  };
  'role.create': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          key: string;
          /** @description What people are shown; 1 to 200 characters. */
          name: string;
          /** @default  */
          description?: string;
          /** @description The only kind of node it can be granted on. */
          kind?: string;
          /** @default [] */
          permissions?: string[];
          /**
           * @description Roles, built-in or not, all of which it holds too.
           * @default []
           */
          inherits?: string[];
        };
      };
    };
    responses: {
      /** @description Makes a role of what its maker holds on the tenant. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            key: string;
            name: string;
            description: string;
            kind: string | null;
            builtIn: boolean;
            permissions: string[];
            inherits: string[];
          };
        };
      };
    };
  };
  'role.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows one role with all that it holds. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            key: string;
            name: string;
            description: string;
            kind: string | null;
            builtIn: boolean;
            permissions: string[];
            inherits: string[];
            /** @description All that it holds, inherited or not. */
            holds: string[];
          };
        };
      };
    };
  };
  'role.delete': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        key: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a role that nobody has. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  'role.update': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        key: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          /** @description What people are shown; 1 to 200 characters. */
          name?: string;
          description?: string;
          permissions?: string[];
          inherits?: string[];
        };
      };
    };
    responses: {
      /** @description Changes a role, and so what all who have it may do. What is left out stays. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            key: string;
            name: string;
            description: string;
            kind: string | null;
            builtIn: boolean;
            permissions: string[];
            inherits: string[];
          };
        };
      };
    };
  };
  'permission.list': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the permissions and the kinds of nodes there are; the same for every tenant. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            permissions: {
              name: string;
              bit: number;
              description: string;
              dangerous: boolean;
            }[];
            kinds: string[];
          };
        };
      };
    };
  };
  'group.list': {
    parameters: {
      query?: {
        /** @description At most 200. */
        limit?: number;
        /** @description `next` of the page before. */
        after?: string;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the groups, by name. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              name: string;
              createdAt: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'group.create': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What people are shown; 1 to 200 characters. */
          name: string;
        };
      };
    };
    responses: {
      /** @description Makes a group. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            createdAt: string;
          };
        };
      };
    };
  };
  'group.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows one group and how many are in it. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            createdAt: string;
            members: number;
          };
        };
      };
    };
  };
  'group.delete': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Deletes a group with all that was granted to it. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  'group.rename': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description What people are shown; 1 to 200 characters. */
          name: string;
        };
      };
    };
    responses: {
      /** @description Renames a group. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            createdAt: string;
          };
        };
      };
    };
  };
  'group.members': {
    parameters: {
      query?: {
        /** @description At most 200. */
        limit?: number;
        /** @description `next` of the page before. */
        after?: string;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists who is in a group. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @enum {string} */
              type: 'user' | 'service_account';
              /** @description The actor’s id, as the signed context has it. */
              id: string;
              name: string;
              email: string | null;
              /** @enum {string} */
              status: 'active' | 'suspended';
              createdAt: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'group.add_members': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          members: {
            /** @enum {string} */
            type: 'user' | 'service_account';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
          }[];
        };
      };
    };
    responses: {
      /** @description Puts members into a group, which needs all that the group was granted; 10,000 at most. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            added: number;
          };
        };
      };
    };
  };
  'group.remove_members': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          members: {
            /** @enum {string} */
            type: 'user' | 'service_account';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
          }[];
        };
      };
    };
    responses: {
      /** @description Takes members out of a group; 10,000 at most. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            removed: number;
          };
        };
      };
    };
  };
  'grant.list': {
    parameters: {
      query?: {
        /** @description At most 200. */
        limit?: number;
        /** @description `next` of the page before. */
        after?: string;
        /** @description Only what was granted on this very node. */
        node?: string;
        /** @description Only what they hold. */
        holders?: string[];
        role?: string;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists what was granted: on one node, to some holders, of one role, or all of it. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              holder: {
                /** @enum {string} */
                type: 'user' | 'service_account' | 'group';
                /** @description The actor’s id, as the signed context has it. */
                id: string;
              };
              role: string;
              /** Format: uuid */
              node: string;
              source: string;
              expiresAt: string | null;
              grantedBy: string;
              createdAt: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'grant.create': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          holder: {
            /** @enum {string} */
            type: 'user' | 'service_account' | 'group';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
          };
          role: string;
          /**
           * Format: uuid
           * @description Where; on the tenant itself unless given.
           */
          node?: string;
          /** @description From then on it gives nothing; RFC 3339. */
          expiresAt?: string | unknown;
        };
      };
    };
    responses: {
      /** @description Gives a role on a node and all below it; never more than its giver holds there. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            holder: {
              /** @enum {string} */
              type: 'user' | 'service_account' | 'group';
              /** @description The actor’s id, as the signed context has it. */
              id: string;
            };
            role: string;
            /** Format: uuid */
            node: string;
            source: string;
            expiresAt: string | null;
            grantedBy: string;
            createdAt: string;
          };
        };
      };
    };
  };
  'grant.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows one grant. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            holder: {
              /** @enum {string} */
              type: 'user' | 'service_account' | 'group';
              /** @description The actor’s id, as the signed context has it. */
              id: string;
            };
            role: string;
            /** Format: uuid */
            node: string;
            source: string;
            expiresAt: string | null;
            grantedBy: string;
            createdAt: string;
          };
        };
      };
    };
  };
  'grant.revoke': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Takes a role away. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
    };
  };
  'grant.change_end': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description RFC 3339; null for no end. */
          expiresAt: (string | unknown) | null;
        };
      };
    };
    responses: {
      /** @description Makes a grant end earlier, later or never. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            holder: {
              /** @enum {string} */
              type: 'user' | 'service_account' | 'group';
              /** @description The actor’s id, as the signed context has it. */
              id: string;
            };
            role: string;
            /** Format: uuid */
            node: string;
            source: string;
            expiresAt: string | null;
            grantedBy: string;
            createdAt: string;
          };
        };
      };
    };
  };
  'access.check': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          checks: {
            permission: string;
            /**
             * Format: uuid
             * @description On the tenant itself unless given.
             */
            node?: string;
          }[];
          /** @description Who acts, unless given. */
          actor?: {
            /** @enum {string} */
            type: 'user' | 'service_account' | 'api_key' | 'system' | 'operator';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
          };
        };
      };
    };
    responses: {
      /** @description Says of many things at once whether they are permitted. About oneself everybody may ask. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description In the order of `checks`. */
            permitted: boolean[];
          };
        };
      };
    };
  };
  'access.explain': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          permission: string;
          /**
           * Format: uuid
           * @description On the tenant itself unless given.
           */
          node?: string;
          /** @description Who acts, unless given. */
          actor?: {
            /** @enum {string} */
            type: 'user' | 'service_account' | 'api_key' | 'system' | 'operator';
            /** @description The actor’s id, as the signed context has it. */
            id: string;
          };
        };
      };
    };
    responses: {
      /** @description Says which grant decides, or why there is none. About oneself everybody may ask. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            permitted: boolean;
            /** @enum {string} */
            reason:
              | 'granted'
              | 'everything'
              | 'no_membership'
              | 'suspended'
              | 'tenant_disabled'
              | 'key_absent'
              | 'key_revoked'
              | 'key_expired'
              | 'key_limited'
              | 'key_elsewhere'
              | 'node_absent'
              | 'expired'
              | 'elsewhere'
              | 'wrong_kind'
              | 'not_granted';
            permission: string;
            /** Format: uuid */
            node: string;
            actor: {
              /** @enum {string} */
              type: 'user' | 'service_account' | 'api_key' | 'system' | 'operator';
              /** @description The actor’s id, as the signed context has it. */
              id: string;
            };
            /** @description For whom the actor acts; themself unless it is a key. */
            holder: {
              /** @enum {string} */
              type: 'user' | 'service_account' | 'api_key' | 'system' | 'operator';
              /** @description The actor’s id, as the signed context has it. */
              id: string;
            } | null;
            /** @description Those that decide, the nearest first. */
            grants: {
              /** Format: uuid */
              grant: string;
              role: string;
              /** @description From that role to the one that holds the permission itself. */
              roles: string[];
              /** Format: uuid */
              node: string;
              nodeName: string | null;
              group: {
                id: string;
                name: string;
              } | null;
              source: string;
              expiresAt: string | null;
              grantedBy: string;
              /** @enum {string} */
              hindrance?: 'expired' | 'elsewhere' | 'wrong_kind';
            }[];
            /** @description Those that would, and what is in the way. */
            near: {
              /** Format: uuid */
              grant: string;
              role: string;
              /** @description From that role to the one that holds the permission itself. */
              roles: string[];
              /** Format: uuid */
              node: string;
              nodeName: string | null;
              group: {
                id: string;
                name: string;
              } | null;
              source: string;
              expiresAt: string | null;
              grantedBy: string;
              /** @enum {string} */
              hindrance?: 'expired' | 'elsewhere' | 'wrong_kind';
            }[];
            /** @description The roles of the tenant that hold the permission. */
            rolesWith: string[];
          };
        };
      };
    };
  };
  'access.permitted': {
    parameters: {
      query: {
        /** @description At most 200. */
        limit?: number;
        /** @description `next` of the page before. */
        after?: string;
        permission: string;
        /** @description Only nodes of this kind. */
        kind?: string;
        /** @description Only this one and what is below it. */
        node?: string;
        /** @description Who acts, unless given. */
        actorType?: 'user' | 'service_account' | 'api_key' | 'system' | 'operator';
        /** @description The actor’s id, as the signed context has it. */
        actorId?: string;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lists the nodes on which somebody holds a permission, by a grant there or above. About oneself everybody may ask. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              kind: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'access.matrix': {
    parameters: {
      query?: {
        /** @description At most 200. */
        limit?: number;
        /** @description `next` of the page before. */
        after?: string;
        /** @description On the tenant itself unless given. */
        node?: string;
        /** @description Only these. */
        permissions?: string[];
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows what each member holds on a node. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              member: {
                /** @enum {string} */
                type: 'user' | 'service_account';
                /** @description The actor’s id, as the signed context has it. */
                id: string;
                name: string;
                email: string | null;
                /** @enum {string} */
                status: 'active' | 'suspended';
                createdAt: string;
              };
              holds: string[];
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'policy.list': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows the policies that hold. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @enum {string} */
              kind: 'password' | 'session' | 'api' | 'mfa';
              /** @description 0 while the defaults hold. */
              version: number;
              /** @description Every setting of the kind. */
              body: {
                [key: string]: unknown;
              };
              defaults: {
                [key: string]: unknown;
              };
              changedAt: string | null;
              /** @description As type:id. */
              changedBy: string | null;
            }[];
          };
        };
      };
    };
  };
  'policy.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        kind: 'password' | 'session' | 'api' | 'mfa';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows one policy as it holds. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            kind: 'password' | 'session' | 'api' | 'mfa';
            /** @description 0 while the defaults hold. */
            version: number;
            /** @description Every setting of the kind. */
            body: {
              [key: string]: unknown;
            };
            defaults: {
              [key: string]: unknown;
            };
            changedAt: string | null;
            /** @description As type:id. */
            changedBy: string | null;
          };
        };
      };
    };
  };
  'policy.set': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        kind: 'password' | 'session' | 'api' | 'mfa';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          body: {
            [key: string]: unknown;
          };
          /** @description The version that is to be replaced; 0 while the defaults hold. */
          version: number;
          /** @description Why, for the log. */
          reason?: string;
        };
      };
    };
    responses: {
      /** @description Sets a policy; what the body leaves out becomes the default. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            kind: 'password' | 'session' | 'api' | 'mfa';
            /** @description 0 while the defaults hold. */
            version: number;
            /** @description Every setting of the kind. */
            body: {
              [key: string]: unknown;
            };
            defaults: {
              [key: string]: unknown;
            };
            changedAt: string | null;
            /** @description As type:id. */
            changedBy: string | null;
          };
        };
      };
    };
  };
  'policy.preview': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        kind: 'password' | 'session' | 'api' | 'mfa';
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          body: {
            [key: string]: unknown;
          };
        };
      };
    };
    responses: {
      /** @description Says whom a policy would affect, and changes nothing. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            effects: {
              text: string;
              count: number;
              /** @enum {string} */
              severity: 'none' | 'attention' | 'breach';
            }[];
            members: {
              /** @enum {string} */
              type: 'user' | 'service_account';
              id: string;
              name: string;
              shutOut: boolean;
              rules: string[];
              sessions: {
                id: string;
                rules: string[];
              }[];
              keys: {
                id: string;
                rules: string[];
                name: string;
              }[];
            }[];
            membersAffected: number;
            owners: number;
            ownersShutOut: number;
          };
        };
      };
    };
  };
  'policy.history': {
    parameters: {
      query?: {
        /** @description The version that the last page ended with. */
        after?: number;
        limit?: number;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        kind: 'password' | 'session' | 'api' | 'mfa';
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Shows the versions of a policy, the newest first. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** @enum {string} */
              kind: 'password' | 'session' | 'api' | 'mfa';
              /** @description 0 while the defaults hold. */
              version: number;
              /** @description Every setting of the kind. */
              body: {
                [key: string]: unknown;
              };
              defaults: {
                [key: string]: unknown;
              };
              changedAt: string | null;
              /** @description As type:id. */
              changedBy: string | null;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'tenant.close': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          reason: string;
        };
      };
    };
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'service_account.list': {
    parameters: {
      query?: {
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The service accounts of the tenant. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              name: string;
              description: string;
              /** @enum {string} */
              status: 'active' | 'suspended';
              createdAt: string;
              /** @description As type:id. */
              createdBy: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'service_account.create': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
          /** @default  */
          description?: string;
        };
      };
    };
    responses: {
      /** @description Makes a service account. It may do nothing until a role is granted to it. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            description: string;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
            /** @description As type:id. */
            createdBy: string;
          };
        };
      };
    };
  };
  'service_account.get': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A service account of the tenant. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            description: string;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
            /** @description As type:id. */
            createdBy: string;
          };
        };
      };
    };
  };
  'service_account.delete': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done. */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'service_account.update': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          name?: string;
          description?: string;
        };
      };
    };
    responses: {
      /** @description Changes the name or the description of a service account. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            description: string;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
            /** @description As type:id. */
            createdBy: string;
          };
        };
      };
    };
  };
  'service_account.disable': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Disables a service account: none of its keys is good until it is enabled. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            description: string;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
            /** @description As type:id. */
            createdBy: string;
          };
        };
      };
    };
  };
  'service_account.enable': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lets a disabled service account work again. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            description: string;
            /** @enum {string} */
            status: 'active' | 'suspended';
            createdAt: string;
            /** @description As type:id. */
            createdBy: string;
          };
        };
      };
    };
  };
  'api_key.list': {
    parameters: {
      query?: {
        holderType?: 'user' | 'service_account';
        holderId?: string;
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The keys that were not withdrawn: of one holder, or of all. One’s own needs no permission. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              name: string;
              holder: {
                type: string;
                id: string;
                name?: string | null;
              };
              /** @description The only ones it passes on; null for all that its holder has. */
              permissions: string[] | null;
              /** @description The only ones, with all below; null for all. */
              nodes: string[] | null;
              createdAt: string;
              createdBy: string;
              expiresAt: string | null;
              revokedAt: string | null;
              lastUsedAt: string | null;
              lastUsedIp: string | null;
              /** @description By which people tell their keys apart: how the token begins and ends. */
              prefix: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'api_key.create': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
          /** @description A service account; yourself unless given. */
          holder?: {
            /** @enum {string} */
            type: 'user' | 'service_account';
            id: string;
          };
          permissions?: string[] | null;
          nodes?: string[] | null;
          expiresAt?: (string | unknown) | null;
        };
      };
    };
    responses: {
      /** @description Makes a key for a service account, or for oneself. One’s own needs no permission. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            holder: {
              type: string;
              id: string;
              name?: string | null;
            };
            /** @description The only ones it passes on; null for all that its holder has. */
            permissions: string[] | null;
            /** @description The only ones, with all below; null for all. */
            nodes: string[] | null;
            createdAt: string;
            createdBy: string;
            expiresAt: string | null;
            revokedAt: string | null;
            lastUsedAt: string | null;
            lastUsedIp: string | null;
            /** @description By which people tell their keys apart: how the token begins and ends. */
            prefix: string;
            /** @description Shown this once; only its hash is kept. */
            token: string;
          };
        };
      };
    };
  };
  'api_key.rotate': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': {
          /** @default 24 */
          overlapHours?: number;
        };
      };
    };
    responses: {
      /** @description Gives a key another token; the old one is good for the overlap. One’s own needs no permission. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            holder: {
              type: string;
              id: string;
              name?: string | null;
            };
            /** @description The only ones it passes on; null for all that its holder has. */
            permissions: string[] | null;
            /** @description The only ones, with all below; null for all. */
            nodes: string[] | null;
            createdAt: string;
            createdBy: string;
            expiresAt: string | null;
            revokedAt: string | null;
            lastUsedAt: string | null;
            lastUsedIp: string | null;
            /** @description By which people tell their keys apart: how the token begins and ends. */
            prefix: string;
            /** @description Shown this once; only its hash is kept. */
            token: string;
          };
        };
      };
    };
  };
  'api_key.revoke': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Withdraws a key, within a second in every process. One’s own needs no permission. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            name: string;
            holder: {
              type: string;
              id: string;
              name?: string | null;
            };
            /** @description The only ones it passes on; null for all that its holder has. */
            permissions: string[] | null;
            /** @description The only ones, with all below; null for all. */
            nodes: string[] | null;
            createdAt: string;
            createdBy: string;
            expiresAt: string | null;
            revokedAt: string | null;
            lastUsedAt: string | null;
            lastUsedIp: string | null;
            /** @description By which people tell their keys apart: how the token begins and ends. */
            prefix: string;
          };
        };
      };
    };
  };
  'session.list': {
    parameters: {
      query?: {
        userId?: string;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The sessions that are alive in the tenant, the last used first; at most 1000. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              user: {
                type: string;
                id: string;
                name?: string | null;
              };
              methods: string[];
              mfa: boolean;
              /** @description From where it came into this tenant: what is used elsewhere is none of its business. */
              ip: string | null;
              userAgent: string | null;
              /** @description What the browser says of itself, in words. */
              device: string;
              createdAt: string;
              /** @description Its first request for this tenant. */
              enteredAt: string;
              lastSeenAt: string;
              /** @description The one that asks. */
              current: boolean;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'session.revoke': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Lets a session no longer into this tenant; in the user’s other tenants it goes on. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            ended: number;
          };
        };
      };
    };
  };
  'session.revoke_all': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** Format: uuid */
          userId: string;
        };
      };
    };
    responses: {
      /** @description Lets none of a user’s present sessions into this tenant any more. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            ended: number;
          };
        };
      };
    };
  };
  'invitation.list': {
    parameters: {
      query?: {
        status?: 'pending' | 'accepted' | 'revoked' | 'expired';
        /** @description The `next` of the page before. */
        after?: string;
        limit?: number;
      };
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The invitations, the newest first. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              /** Format: uuid */
              id: string;
              email: string;
              name: string | null;
              role: string;
              /** Format: uuid */
              node: string;
              /** @enum {string} */
              status: 'pending' | 'accepted' | 'revoked' | 'expired';
              /** @description As type:id. */
              invitedBy: string;
              createdAt: string;
              sentAt: string;
              expiresAt: string;
            }[];
            next: string | null;
          };
        };
      };
    };
  };
  'invitation.create': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          email: string;
          /** @description The role’s key, such as `member`. */
          role: string;
          /**
           * Format: uuid
           * @description Where they get the role; the tenant unless given.
           */
          node?: string;
          /** @description What the mail calls them. */
          name?: string;
        };
      };
    };
    responses: {
      /** @description Invites somebody by mail. Members, users and strangers are answered alike. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            email: string;
            name: string | null;
            role: string;
            /** Format: uuid */
            node: string;
            /** @enum {string} */
            status: 'pending' | 'accepted' | 'revoked' | 'expired';
            /** @description As type:id. */
            invitedBy: string;
            createdAt: string;
            sentAt: string;
            expiresAt: string;
          };
        };
      };
    };
  };
  'invitation.revoke': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Takes an invitation back: its link is dead at once. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            email: string;
            name: string | null;
            role: string;
            /** Format: uuid */
            node: string;
            /** @enum {string} */
            status: 'pending' | 'accepted' | 'revoked' | 'expired';
            /** @description As type:id. */
            invitedBy: string;
            createdAt: string;
            sentAt: string;
            expiresAt: string;
          };
        };
      };
    };
  };
  'invitation.resend': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Mails a new link, which ends the one before. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** Format: uuid */
            id: string;
            email: string;
            name: string | null;
            role: string;
            /** Format: uuid */
            node: string;
            /** @enum {string} */
            status: 'pending' | 'accepted' | 'revoked' | 'expired';
            /** @description As type:id. */
            invitedBy: string;
            createdAt: string;
            sentAt: string;
            expiresAt: string;
          };
        };
      };
    };
  };
  'invitation.import': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description With a first line `email,role`, and perhaps `name` and `node`; 10,000 lines at most. */
          csv: string;
          /**
           * @description Says what would happen, and does nothing.
           * @default false
           */
          dryRun?: boolean;
        };
      };
    };
    responses: {
      /** @description Invites everybody in a CSV table. Running it again invites nobody twice. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            invited: number;
            present: number;
            refused: number;
            lines: {
              line: number;
              email: string;
              /** @enum {string} */
              outcome: 'invited' | 'would_invite' | 'present' | 'refused';
              /** @description Why it was refused. */
              code: string | null;
            }[];
          };
        };
      };
    };
  };
  'invitation.export': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The invitations as CSV, the newest first, safe to open in a spreadsheet. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            csv: string;
          };
        };
      };
    };
  };
  'verified_domain.list': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The mail domains whose people may join by themselves. */
      200: {
        headers: {
          /** @description Names this state of the answer. */
          ETag?: string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            items: {
              domain: string;
              /** @description What who joins is given; at most what a member has. */
              role: string;
              /** @enum {string} */
              status: 'pending' | 'verified' | 'lapsed';
              /** @description What a TXT record of the domain must say. */
              record: string;
              createdBy: string;
              createdAt: string;
              verifiedAt: string | null;
              checkedAt: string | null;
            }[];
          };
        };
      };
    };
  };
  'verified_domain.add': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The part behind the @, such as `acme.example`. */
          domain: string;
          /** @default member */
          role?: string;
        };
      };
    };
    responses: {
      /** @description Adds a mail domain; it lets people in once its TXT record is found. */
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            domain: string;
            /** @description What who joins is given; at most what a member has. */
            role: string;
            /** @enum {string} */
            status: 'pending' | 'verified' | 'lapsed';
            /** @description What a TXT record of the domain must say. */
            record: string;
            createdBy: string;
            createdAt: string;
            verifiedAt: string | null;
            checkedAt: string | null;
          };
        };
      };
    };
  };
  'verified_domain.remove': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        /** @description The part behind the @, such as `acme.example`. */
        domain: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Removes a mail domain; who has joined by it stays. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            domain: string;
            /** @description What who joins is given; at most what a member has. */
            role: string;
            /** @enum {string} */
            status: 'pending' | 'verified' | 'lapsed';
            /** @description What a TXT record of the domain must say. */
            record: string;
            createdBy: string;
            createdAt: string;
            verifiedAt: string | null;
            checkedAt: string | null;
          };
        };
      };
    };
  };
  'verified_domain.verify': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The tenant’s id or slug. */
        tenant: string;
        /** @description The part behind the @, such as `acme.example`. */
        domain: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Looks for the TXT record now. */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            domain: string;
            /** @description What who joins is given; at most what a member has. */
            role: string;
            /** @enum {string} */
            status: 'pending' | 'verified' | 'lapsed';
            /** @description What a TXT record of the domain must say. */
            record: string;
            createdBy: string;
            createdAt: string;
            verifiedAt: string | null;
            checkedAt: string | null;
            /** @description The record is there, but the domain is another organization’s. */
            taken: boolean;
          };
        };
      };
    };
  };
}

/** Codes that a problem may carry; a newer server may know more. */
export type ApiErrorCode =
  | 'access.denied'
  | 'access.end_invalid'
  | 'access.exceeds_own'
  | 'access.grant_absent'
  | 'access.grant_exists'
  | 'access.group_absent'
  | 'access.group_exists'
  | 'access.last_owner'
  | 'access.limit_reached'
  | 'access.member_absent'
  | 'access.member_exists'
  | 'access.node_absent'
  | 'access.node_exists'
  | 'access.node_kind_invalid'
  | 'access.owner_protected'
  | 'access.permission_unknown'
  | 'access.permissions_invalid'
  | 'access.role_absent'
  | 'access.role_builtin'
  | 'access.role_cycle'
  | 'access.role_exists'
  | 'access.role_in_use'
  | 'access.role_not_for_node'
  | 'access.role_too_deep'
  | 'access.snapshot_missing'
  | 'access.unavailable'
  | 'audit.action_unknown'
  | 'audit.actions_invalid'
  | 'audit.cursor_invalid'
  | 'audit.erasure_unconfigured'
  | 'audit.event_invalid'
  | 'audit.event_too_large'
  | 'audit.executor_invalid'
  | 'audit.export_exists'
  | 'audit.export_interrupted'
  | 'audit.export_refused'
  | 'audit.filter_invalid'
  | 'audit.leaf_absent'
  | 'audit.log_damaged'
  | 'audit.not_recorded'
  | 'audit.queue_closed'
  | 'audit.queue_full'
  | 'audit.search_too_wide'
  | 'audit.signing_key_invalid'
  | 'audit.track_refused'
  | 'audit.unconfigured'
  | 'audit.vault_key_absent'
  | 'audit.vault_key_invalid'
  | 'audit.worker_unconfigured'
  | 'http.absent'
  | 'http.body_invalid'
  | 'http.body_too_large'
  | 'http.cross_site'
  | 'http.csrf_token_invalid'
  | 'http.cursor_invalid'
  | 'http.database_busy'
  | 'http.host_unknown'
  | 'http.idempotency_conflict'
  | 'http.idempotency_key_invalid'
  | 'http.idempotency_key_reused'
  | 'http.idempotency_outcome_unknown'
  | 'http.input_invalid'
  | 'http.job_finished'
  | 'http.job_running'
  | 'http.media_type_unsupported'
  | 'http.method_not_allowed'
  | 'http.operators_only'
  | 'http.precondition_failed'
  | 'http.precondition_unsupported'
  | 'http.reason_missing'
  | 'http.route_absent'
  | 'http.stopping'
  | 'http.too_many_requests'
  | 'http.unconfigured'
  | 'http.unexpected'
  | 'identity.accounts_unconfigured'
  | 'identity.api_key_absent'
  | 'identity.api_key_expiry_invalid'
  | 'identity.api_key_holder_invalid'
  | 'identity.api_key_invalid'
  | 'identity.api_key_too_many'
  | 'identity.authenticate_invalid'
  | 'identity.breached_list_unavailable'
  | 'identity.code_refused'
  | 'identity.config_invalid'
  | 'identity.credential_key_absent'
  | 'identity.credential_key_invalid'
  | 'identity.credentials_ambiguous'
  | 'identity.credentials_missing'
  | 'identity.credentials_unavailable'
  | 'identity.csrf_invalid'
  | 'identity.directory_missing'
  | 'identity.directory_unavailable'
  | 'identity.dns_unavailable'
  | 'identity.domain_absent'
  | 'identity.domain_invalid'
  | 'identity.domain_join_refused'
  | 'identity.domain_public'
  | 'identity.domain_taken'
  | 'identity.domain_unknown'
  | 'identity.email_invalid'
  | 'identity.email_taken'
  | 'identity.flow_invalid'
  | 'identity.import_invalid'
  | 'identity.import_unreadable'
  | 'identity.invitation_absent'
  | 'identity.invitation_closed'
  | 'identity.invitation_limit'
  | 'identity.invitation_refused'
  | 'identity.invitation_resend_limit'
  | 'identity.jwks_unavailable'
  | 'identity.last_factor'
  | 'identity.link_invalid'
  | 'identity.mail_unconfigured'
  | 'identity.mail_unreadable'
  | 'identity.passkey_absent'
  | 'identity.passkey_known'
  | 'identity.passkey_refused'
  | 'identity.passkeys_too_many'
  | 'identity.password_changed_meanwhile'
  | 'identity.password_exists'
  | 'identity.password_refused'
  | 'identity.password_unreadable'
  | 'identity.password_wrong'
  | 'identity.public_url_missing'
  | 'identity.reason_invalid'
  | 'identity.recovery_codes_pointless'
  | 'identity.request_malformed'
  | 'identity.reset_invalid'
  | 'identity.service_account_absent'
  | 'identity.session_invalid'
  | 'identity.session_shut_out'
  | 'identity.sign_in_busy'
  | 'identity.sign_in_refused'
  | 'identity.step_up_required'
  | 'identity.tenant_absent'
  | 'identity.tenant_ambiguous'
  | 'identity.tenant_closed'
  | 'identity.tenant_disabled'
  | 'identity.tenant_exists'
  | 'identity.tenant_fields_invalid'
  | 'identity.tenant_missing'
  | 'identity.tenant_not_allowed'
  | 'identity.tenant_suspended'
  | 'identity.tenant_unknown'
  | 'identity.throttled'
  | 'identity.token_invalid'
  | 'identity.totp_absent'
  | 'identity.totp_enrolled'
  | 'identity.user_absent'
  | 'identity.user_disabled'
  | 'identity.user_fields_invalid'
  | 'identity.version_conflict'
  | 'isolation.actor_invalid'
  | 'isolation.attack_blind'
  | 'isolation.attack_unprepared'
  | 'isolation.client_released'
  | 'isolation.context_changed'
  | 'isolation.context_expired'
  | 'isolation.context_key_invalid'
  | 'isolation.context_key_unknown'
  | 'isolation.context_missing'
  | 'isolation.context_refused'
  | 'isolation.copy_refused'
  | 'isolation.database_unavailable'
  | 'isolation.operator_unconfigured'
  | 'isolation.pool_exhausted'
  | 'isolation.pool_foreign'
  | 'isolation.pool_missing'
  | 'isolation.pooler_unannounced'
  | 'isolation.protect_busy'
  | 'isolation.protect_interrupted'
  | 'isolation.protect_lock_timeout'
  | 'isolation.protect_refused'
  | 'isolation.protect_rows_left'
  | 'isolation.prove_baseline_invalid'
  | 'isolation.prove_expression_invalid'
  | 'isolation.prove_key_invalid'
  | 'isolation.prove_migrations_missing'
  | 'isolation.prove_role_absent'
  | 'isolation.reason_missing'
  | 'isolation.role_unsafe'
  | 'isolation.session_tampered'
  | 'isolation.statement_refused'
  | 'isolation.statement_unparsable'
  | 'isolation.submittable_on_pool'
  | 'isolation.tenant_id_invalid'
  | 'isolation.transaction_on_pool'
  | 'kernel.config_invalid'
  | 'kernel.config_missing'
  | 'kernel.database_newer'
  | 'kernel.database_unavailable'
  | 'kernel.database_unmigrated'
  | 'kernel.embedded_binaries_missing'
  | 'kernel.embedded_data_unusable'
  | 'kernel.embedded_in_use'
  | 'kernel.embedded_option_invalid'
  | 'kernel.embedded_port_taken'
  | 'kernel.embedded_start_failed'
  | 'kernel.embedded_user_missing'
  | 'kernel.embedded_version_mismatch'
  | 'kernel.file_exists'
  | 'kernel.file_unreadable'
  | 'kernel.input_invalid'
  | 'kernel.lock_unavailable'
  | 'kernel.migration_changed'
  | 'kernel.migration_failed'
  | 'kernel.migration_invalid'
  | 'kernel.pooler_in_the_way'
  | 'kernel.privilege_missing'
  | 'kernel.server_unsupported'
  | 'kernel.setting_missing'
  | 'kernel.unexpected'
  | 'kernel.usage'
  | 'policies.address_not_allowed'
  | 'policies.key_too_old'
  | 'policies.mfa_enrolment_required'
  | 'policies.mfa_required'
  | 'policies.owners_locked_out'
  | 'policies.password_breached'
  | 'policies.password_expired'
  | 'policies.password_reused'
  | 'policies.password_too_long'
  | 'policies.password_too_short'
  | 'policies.policy_invalid'
  | 'policies.scope_not_allowed'
  | 'policies.session_ended'
  | 'policies.step_up_required'
  | 'policies.unavailable'
  | 'policies.version_conflict';

/** Where an Idempotency-Key means nothing: a change that is sent there twice is two changes. */
export const unkeyedPaths: ReadonlySet<string> = new Set([
  '/invitations/look',
  '/invitations/register',
  '/password-resets',
  '/password-resets/finish',
  '/sign-in/new-password',
  '/sign-in/passkey/options',
  '/sign-in/passkey/verify',
  '/sign-in/password',
  '/sign-in/second-factor',
  '/sign-out',
]);
