/**
 * Where the links in mails lead.
 *
 * Promises: to the pages that the app names; else, where there is a control plane, to the console's, which are
 * always there; else to the usual names below the app's address. The token is appended behind a `#`, which
 * browsers keep to themselves: no server, proxy or referrer sees it.
 */
export interface MailLinks {
  readonly invitation: string | undefined;
  readonly passwordReset: string | undefined;
  readonly emailChange: string | undefined;
}

export interface LinkSettings {
  readonly publicUrl?: string | undefined;
  readonly invitationPath?: string | undefined;
  readonly passwordResetPath?: string | undefined;
  readonly emailChangePath?: string | undefined;
}

/** @param controlPlaneUrl the `publicUrl` of the section `http`, where there is one */
export function mailLinks(settings: LinkSettings, controlPlaneUrl: string | undefined): MailLinks {
  const base = settings.publicUrl?.replace(/\/+$/, '');
  const consoleUrl = controlPlaneUrl && `${controlPlaneUrl.replace(/\/+$/, '')}/console`;
  const to = (path: string | undefined, page: string): string | undefined =>
    path === undefined && consoleUrl !== undefined
      ? `${consoleUrl}${page}`
      : base && `${base}${path ?? page}`;
  return {
    invitation: to(settings.invitationPath, '/invitation'),
    passwordReset: to(settings.passwordResetPath, '/reset-password'),
    emailChange: to(settings.emailChangePath, '/confirm-email'),
  };
}
