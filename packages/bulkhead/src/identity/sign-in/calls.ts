/**
 * What a client sends, as schemas: whoever mounts signing in over HTTP checks with these at the edge.
 *
 * Promises: nothing beyond the bounds given here reaches a hash, a parser or the database.
 */
import { z } from 'zod';
import { shownText } from '../../kernel/shown-name.ts';

const flow = z.string().max(64);
const sessionId = z.uuid();
/** Longer than any password: how long one may be is judged in bytes, by `readPassword`. */
const password = z.string().min(1).max(4_096);
const code = z.string().min(1).max(64);
const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);
const blob = base64url.max(65_536);

const credential = {
  id: base64url.min(1).max(1_400),
  rawId: base64url.min(1).max(1_400),
  type: z.literal('public-key'),
  authenticatorAttachment: z
    .enum(['platform', 'cross-platform'])
    .nullish()
    .transform((v) => v ?? undefined),
  clientExtensionResults: z.record(z.string(), z.unknown()).default({}),
};

/** `PublicKeyCredential.toJSON()` of a sign-in. */
const passkeyAnswerSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: blob,
    authenticatorData: blob,
    signature: blob,
    userHandle: base64url
      .max(128)
      .nullish()
      .transform((v) => v ?? undefined),
  }),
});

/** `PublicKeyCredential.toJSON()` of a registration. */
const passkeyCreationSchema = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: blob,
    attestationObject: blob,
    transports: z.array(z.string().max(32)).max(16).optional(),
  }),
});

export const signInCalls = {
  'signIn.start': z.strictObject({
    email: z.string().max(1_000).optional(),
    door: z.uuid().optional(),
  }),
  'signIn.stepUp': z.strictObject({ sessionId }),
  'signIn.password': z.strictObject({ flow, password }),
  'signIn.totp': z.strictObject({ flow, code }),
  'signIn.recoveryCode': z.strictObject({ flow, code }),
  'signIn.passkeyOptions': z.strictObject({ flow }),
  'signIn.passkey': z.strictObject({ flow, response: passkeyAnswerSchema }),
  'signIn.newPassword': z.strictObject({ flow, password }),
  'passwords.establish': z.strictObject({ userId: z.uuid(), password }),
  'passwords.change': z.strictObject({ sessionId, current: password, password }),
  'passwords.requestReset': z.strictObject({ email: z.string().max(1_000) }),
  'passwords.reset': z.strictObject({ token: z.string().max(64), password }),
  'totp.enrol': z.strictObject({ sessionId }),
  'totp.confirm': z.strictObject({ sessionId, code }),
  'totp.remove': z.strictObject({ sessionId }),
  'recoveryCodes.renew': z.strictObject({ sessionId }),
  'passkeys.begin': z.strictObject({ sessionId }),
  'passkeys.add': z.strictObject({
    sessionId,
    flow,
    response: passkeyCreationSchema,
    name: shownText,
  }),
  'passkeys.rename': z.strictObject({ sessionId, id: z.uuid(), name: shownText }),
  'passkeys.remove': z.strictObject({ sessionId, id: z.uuid() }),
  'emailChange.request': z.strictObject({ sessionId, email: z.string().max(1_000) }),
  'emailChange.finish': z.strictObject({ sessionId, token: z.string().max(64) }),
  factors: z.strictObject({ sessionId }),
} as const;

export type SignInCall = keyof typeof signInCalls;
