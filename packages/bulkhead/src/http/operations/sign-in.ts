/**
 * Signing in and out over HTTP: the identity room's flow, with the session in a cookie that no script can read.
 *
 * Promises: the token of a session is in no body, address or log; a flow is named by the client and proves
 * nothing by itself. The answers of the flow are the identity room's, timing included.
 */
import { z } from 'zod';
import {
  createSessionCookie,
  type IdentityDoor,
  identityError,
  type Sender,
  type SignInStep,
  signInCalls,
} from '../../identity/index.ts';
import { controlOperation, type OperationCall } from '../operation.ts';

export type SignInDoors = Pick<IdentityDoor, 'signIn' | 'passwords' | 'sessions'>;

/** A browser that has signed in before; bound to the host as a session's is. */
const deviceCookie = createSessionCookie({
  cookieName: 'bulkhead_device',
  absoluteMinutes: 400 * 1_440,
});

const factor = z.enum(['password', 'passkey', 'totp', 'recovery']);
const stepSchema = z.union([
  z.object({
    status: z.literal('done'),
    mfa: z.boolean(),
    mustEnrol: z.boolean().describe('A tenant demands a second factor, and there is none yet.'),
    recoveryCodesLeft: z.int(),
  }),
  z.object({
    status: z.literal('second_factor'),
    challenge: z.string().describe('Names this sign-in in the next step.'),
    methods: z.array(factor).describe('Any one of them.'),
  }),
  z.object({
    status: z.literal('new_password'),
    challenge: z.string(),
  }),
]);

const challenge = z.string().min(1).max(64);
const password = z.string().min(1).max(4_096);
const email = z.string().min(1).max(1_000);
const options = z.record(z.string(), z.unknown());

const FLOW = ['identity.flow_invalid', 'identity.throttled', 'identity.sign_in_busy'];

export function signInOperations({ signIn, passwords, sessions }: SignInDoors) {
  const { cookie } = sessions;
  return [
    controlOperation({
      name: 'sign_in.password',
      summary: 'Signs in with a password; a second factor may be asked for.',
      description: 'Names the person by their address, or by the challenge of a step-up under way.',
      permission: null,
      kind: 'change',
      event: 'session.started',
      input: z
        .strictObject({ email: email.optional(), challenge: challenge.optional(), password })
        .refine(
          (given) => (given.email === undefined) !== (given.challenge === undefined),
          'needs an address or a challenge, and not both',
        ),
      output: stepSchema,
      errors: ['identity.sign_in_refused', 'identity.password_unreadable', ...FLOW],
      async run(call) {
        const sender = senderOf(call);
        const { email: given, challenge: under, password: typed } = call.input;
        const flow = under ?? (await signIn.start({ email: given }, sender)).flow;
        return answer(call, await signIn.password({ flow, password: typed }, sender));
      },
    }),
    controlOperation({
      name: 'sign_in.second_factor',
      summary: 'Goes on with a code of the authenticator, or a recovery code.',
      permission: null,
      kind: 'change',
      event: 'session.started',
      input: z.strictObject({
        challenge,
        method: z.enum(['totp', 'recovery']),
        code: z.string().min(1).max(64),
      }),
      output: stepSchema,
      errors: ['identity.code_refused', ...FLOW],
      async run(call) {
        const { challenge: flow, method, code } = call.input;
        const prove = method === 'totp' ? signIn.totp : signIn.recoveryCode;
        return answer(call, await prove({ flow, code }, senderOf(call)));
      },
    }),
    controlOperation({
      name: 'sign_in.new_password',
      summary: 'Goes on with a new password where the old one is too old.',
      permission: null,
      kind: 'change',
      event: 'session.started',
      input: z.strictObject({ challenge, password }),
      output: stepSchema,
      errors: ['identity.password_refused', 'identity.password_unreadable', ...FLOW],
      async run(call) {
        const { challenge: flow, password: given } = call.input;
        return answer(call, await signIn.newPassword({ flow, password: given }, senderOf(call)));
      },
    }),
    controlOperation({
      name: 'sign_in.passkey_options',
      summary: 'Begins with a passkey: what the browser is to sign.',
      permission: null,
      kind: 'change',
      input: z.strictObject({
        email: email.optional(),
        challenge: challenge.optional().describe('Of a sign-in under way.'),
      }),
      output: z.object({ challenge: z.string(), options }),
      errors: ['identity.public_url_missing', ...FLOW],
      async run(call) {
        const sender = senderOf(call);
        const { email: given, challenge: under } = call.input;
        const flow = under ?? (await signIn.start({ email: given }, sender)).flow;
        return { challenge: flow, options: { ...(await signIn.passkeyOptions({ flow }, sender)) } };
      },
    }),
    controlOperation({
      name: 'sign_in.passkey_verify',
      summary: 'Goes on with what the passkey signed.',
      permission: null,
      kind: 'change',
      event: 'session.started',
      input: z.strictObject({ challenge, response: z.record(z.string(), z.unknown()) }),
      output: stepSchema,
      errors: ['identity.passkey_refused', 'kernel.input_invalid', ...FLOW],
      async run(call) {
        const { challenge: flow, response } = call.input;
        const parsed = signInCalls['signIn.passkey'].safeParse({ flow, response });
        if (!parsed.success) throw passkeyUnreadable();
        return answer(call, await signIn.passkey(parsed.data, senderOf(call)));
      },
    }),
    controlOperation({
      name: 'sign_out.all',
      summary: 'Signs out of this session.',
      permission: null,
      kind: 'change',
      event: 'session.ended',
      input: z.strictObject({}),
      output: z.null(),
      errors: [],
      async run({ request }) {
        const host = hostOf(request);
        const token = cookie.read(request.headers.get('cookie') ?? undefined, host);
        if (token !== undefined) await sessions.end(token);
        // Taken as what it is by the handler: cookies beside the body.
        return { setCookies: [cookie.clear(host)], body: null } as unknown as null;
      },
    }),
    controlOperation({
      name: 'password_reset.request',
      summary: 'Sends a link to set a new password, where somebody has that address.',
      description: 'Answers alike whether or not somebody has it.',
      permission: null,
      kind: 'change',
      input: z.strictObject({ email }),
      output: z.null(),
      errors: ['identity.mail_unconfigured', 'identity.public_url_missing', 'identity.throttled'],
      async run(call) {
        await passwords.requestReset({ email: call.input.email }, senderOf(call));
        return null;
      },
    }),
    controlOperation({
      name: 'password_reset.finish',
      summary: 'Sets a new password by the link.',
      permission: null,
      kind: 'change',
      event: 'password.reset',
      input: z.strictObject({ token: z.string().min(1).max(64), password }),
      output: z.null(),
      errors: [
        'identity.reset_invalid',
        'identity.password_refused',
        'identity.password_unreadable',
        'identity.throttled',
      ],
      async run(call) {
        await passwords.reset(call.input, senderOf(call));
        return null;
      },
    }),
  ];

  function answer(call: OperationCall<unknown>, step: SignInStep): z.input<typeof stepSchema> {
    const finished = stepOf(step);
    if (!step.done) return finished;
    const host = hostOf(call.request);
    const setCookies = [cookie.set(step.sessionToken, host)];
    if (step.device !== undefined) setCookies.push(deviceCookie.set(step.device, host));
    // Taken as what it is by the handler: cookies beside the body.
    return { setCookies, body: finished } as unknown as z.input<typeof stepSchema>;
  }
}

/** A step as the client is told of it. */
function stepOf(step: SignInStep): z.input<typeof stepSchema> {
  if (step.done) {
    const { mfa, mustEnrol, recoveryCodesLeft } = step;
    return { status: 'done', mfa, mustEnrol, recoveryCodesLeft };
  }
  if (step.next.includes('new_password')) return { status: 'new_password', challenge: step.flow };
  const methods = step.next.flatMap((next) =>
    next === 'recovery_code' ? (['recovery'] as const) : next === 'new_password' ? [] : [next],
  );
  return { status: 'second_factor', challenge: step.flow, methods };
}

export const hostOf = (request: Request): string =>
  request.headers.get('host') ?? new URL(request.url).host;

/** Who sends it, as far as this server has seen. */
export function senderOf({ request, address }: OperationCall<unknown>): Sender {
  const device = deviceCookie.read(request.headers.get('cookie') ?? undefined, hostOf(request));
  return {
    ...(address !== undefined && { ip: address }),
    userAgent: request.headers.get('user-agent') ?? undefined,
    ...(device !== undefined && { device }),
  };
}

export { stepOf, stepSchema };

function passkeyUnreadable(): Error {
  return identityError('identity.passkey_refused');
}
