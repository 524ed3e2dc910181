/** What Bulkhead can do: one line a room, in the order in which they stand on each other. */
import { access } from './access/capability.ts';
import { audit } from './audit/capability.ts';
import { http } from './http/capability.ts';
import { identity } from './identity/capability.ts';
import { isolation } from './isolation/capability.ts';
import type { Capability } from './kernel/capability.ts';
import { embeddedErrors } from './kernel/embedded/errors.ts';
import { kernelErrors } from './kernel/error-codes.ts';
import { policies } from './policies/capability.ts';

const kernel: Capability = { name: 'kernel', errors: { ...kernelErrors, ...embeddedErrors } };

export const capabilities: readonly Capability[] = [
  kernel,
  isolation,
  audit,
  access,
  policies,
  identity,
  http,
];
