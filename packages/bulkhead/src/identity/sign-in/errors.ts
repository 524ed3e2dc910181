/** The codes of signing in, a part of the identity room's catalogue. */
export const signInErrors = {
  'identity.sign_in_refused': {
    status: 401,
    title: 'The e-mail and the password do not belong together.',
    next: 'Check both and try again, or reset the password.',
  },
  'identity.flow_invalid': {
    status: 401,
    title: 'This sign-in has ended.',
    next: 'Start again.',
  },
  'identity.code_refused': {
    status: 401,
    title: 'This code is not right, or was used before.',
    next: 'Wait for the next code and enter that one; each is good once.',
  },
  'identity.throttled': {
    status: 429,
    title: 'There were too many attempts.',
    next: 'Wait as long as the message says, then try again.',
  },
  'identity.sign_in_busy': {
    status: 503,
    title: 'Too many people are signing in at this moment.',
    next: 'Try again in a few seconds.',
  },
  'identity.step_up_required': {
    status: 403,
    title: 'This needs you to prove again that it is you.',
    next: 'Confirm with your second factor, or with your password if you have none, then repeat it.',
  },
  'identity.password_unreadable': {
    status: 400,
    title: 'This cannot be a password.',
    next: 'Use at least one character and at most 1,024 bytes of well-formed text.',
  },
  'identity.password_refused': {
    status: 422,
    title: 'This password may not be used.',
    next: 'Choose another one, as the message asks.',
  },
  'identity.password_wrong': {
    status: 403,
    title: 'The present password is not right.',
    next: 'Enter the password that you sign in with now.',
  },
  'identity.password_exists': {
    status: 409,
    title: 'There is no such active user, or they have a password already.',
    next: 'Have them change it themselves, or reset it by mail.',
  },
  'identity.password_changed_meanwhile': {
    status: 409,
    title: 'The password was changed by somebody else at the same moment.',
    next: 'Sign in again and look whether that was you.',
  },
  'identity.reset_invalid': {
    status: 400,
    title: 'This link to set a password is used up or too old.',
    next: 'Ask for a new one; it is good for 30 minutes.',
  },
  'identity.breached_list_unavailable': {
    status: 503,
    title: 'The list of breached passwords can’t be asked.',
    next: 'Try again shortly; with `onFailure: "allow"` passwords are taken meanwhile.',
  },
  'identity.totp_enrolled': {
    status: 409,
    title: 'There is an authenticator app already.',
    next: 'Remove it first; then set up the new one.',
  },
  'identity.totp_absent': {
    status: 404,
    title: 'There is no authenticator app set up, and none that waits for its first code.',
    next: 'Set one up.',
  },
  'identity.recovery_codes_pointless': {
    status: 409,
    title: 'Recovery codes stand in for a second factor, and there is none.',
    next: 'Set up an authenticator app or a passkey; codes come with it.',
  },
  'identity.last_factor': {
    status: 409,
    title: 'This is the last factor, and one is needed.',
    next: 'Add another one first.',
  },
  'identity.passkey_refused': {
    status: 401,
    title: 'This passkey was not accepted.',
    next: 'Try again, or sign in another way. The server log says what was wrong.',
  },
  'identity.passkey_absent': {
    status: 404,
    title: 'There is no such passkey.',
    next: 'Look at the list of passkeys again.',
  },
  'identity.passkey_known': {
    status: 409,
    title: 'This passkey is registered already.',
    next: 'Use it to sign in, or register another one.',
  },
  'identity.passkeys_too_many': {
    status: 409,
    title: 'There are 20 passkeys already.',
    next: 'Remove one that is not used.',
  },
  'identity.public_url_missing': {
    status: 501,
    title: 'Passkeys and links in mails need to know the address of this service.',
    next: 'Set identity.publicUrl.',
  },
  'identity.credential_key_invalid': {
    status: 500,
    title: 'A key for credentials is not one.',
    next: 'Make one with `generateCredentialKey()`: `bhc1_` and 43 characters.',
  },
  'identity.credential_key_absent': {
    status: 501,
    title: 'The key that second factors lie under is not configured.',
    next: 'Set identity.credentialKeys; keep old keys behind the new one.',
  },
} as const;
