/** Codes of how people come in: invitations, mail and domains. */
export const invitationErrors = {
  'identity.invitation_absent': {
    status: 404,
    title: 'The organization has no such invitation.',
    next: 'Check the id; `invitations.list` shows what there is.',
  },
  'identity.invitation_closed': {
    status: 409,
    title: 'The invitation was accepted or taken back already.',
    next: 'Make a new invitation.',
  },
  'identity.invitation_limit': {
    status: 429,
    title: 'The organization has sent as many invitations as it may in a day.',
    next: 'Go on tomorrow, or ask the people who run this service to raise the limit.',
  },
  'identity.invitation_resend_limit': {
    status: 429,
    title: 'This invitation was mailed too often, or only just.',
    next: 'Wait a minute. After five mails, take it back and make a new one, and check the address.',
  },
  'identity.invitation_refused': {
    status: 403,
    title: 'This invitation can’t be accepted.',
    next: 'Sign in with the address that was invited, open the newest mail, or ask for a new invitation.',
  },
  'identity.import_unreadable': {
    status: 400,
    title: 'The file is not a table of people to invite.',
    next: 'Save it as CSV with a header line that has `email` and `role`, at most 10,000 lines.',
  },
  'identity.domain_public': {
    status: 400,
    title: 'This mail domain belongs to nobody in particular.',
    next: 'Use the domain of your own organization; people elsewhere can be invited.',
  },
  'identity.domain_unknown': {
    status: 404,
    title: 'The organization has no such domain.',
    next: 'Add it first with `domains.add`.',
  },
  'identity.domain_join_refused': {
    status: 403,
    title: 'This organization can’t be joined with that address.',
    next: 'Ask somebody in the organization for an invitation.',
  },
  'identity.dns_unavailable': {
    status: 503,
    title: 'The domain’s records can’t be looked up.',
    next: 'Try again shortly. If it lasts, check the domain’s name servers.',
  },
  'identity.mail_unconfigured': {
    status: 501,
    title: 'Sending mail is not configured.',
    next: 'Set identity.mail, with smtpUrl or, for development, folder.',
  },
  'identity.mail_unreadable': {
    status: 500,
    title: 'A mail that waits was sealed under a key that is not configured.',
    next: 'Keep an old context key in isolation.contextKeys until the mail it sealed is sent.',
  },
} as const;
