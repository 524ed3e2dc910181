/** The policies room at work: what `bulkhead.policies` is, and what the gate and sign-in ask. */
import type { z } from 'zod';
import { currentTenant } from '../isolation/index.ts';
import type { Operation } from '../kernel/operation.ts';
import { type OperationDenial, runTellingDenial } from '../kernel/operation-denial.ts';
import { judge, type PolicyFacts } from './judge.ts';
import {
  type Policy,
  type PolicyPorts,
  policyGet,
  policyHistory,
  policyList,
  policyPreview,
  policySetOperation,
} from './operations.ts';
import { createPolicyCache } from './policy-cache.ts';
import type { PolicyInputs, PolicyKind } from './policy-kinds.ts';
import type { PolicySet } from './policy-set.ts';
import type { PolicyPreview } from './preview.ts';
import { refusalOf } from './refusal.ts';

export interface SetPolicyOptions {
  /** The version that is to be replaced, as `get` said; 0 while the defaults hold. */
  readonly version: number;
  /** Why, for the log. */
  readonly reason?: string;
}

export interface Policies {
  /**
   * The four policies of the tenant in context, as they hold.
   *
   * @throws `access.denied`
   */
  list(): Promise<readonly Policy[]>;
  /** @throws `access.denied` */
  get(kind: PolicyKind): Promise<Policy>;
  /**
   * Replaces a policy: what `body` leaves out becomes the default. Every process obeys within a second.
   *
   * @throws `access.denied`, `kernel.input_invalid`, `policies.version_conflict`,
   * `policies.owners_locked_out` when no owner could enter any more.
   *
   * @example
   * const { version } = await bulkhead.policies.get('mfa');
   * await bulkhead.policies.set('mfa', { required: 'everyone' }, { version });
   */
  set<K extends PolicyKind>(
    kind: K,
    body: PolicyInputs[K],
    options: SetPolicyOptions,
  ): Promise<Policy>;
  /** Every version, the newest first. @throws `access.denied` */
  history(
    kind: PolicyKind,
    page?: { after?: number; limit?: number },
  ): Promise<z.output<typeof policyHistory.output>>;
  /**
   * Whom a policy would affect, if it were set now. Changes nothing.
   *
   * @throws `access.denied`, `kernel.input_invalid`
   */
  preview<K extends PolicyKind>(kind: K, body: PolicyInputs[K]): Promise<PolicyPreview>;
}

export interface PoliciesPorts {
  contextQuery(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  systemQuery(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  contextToken(tenant: string): string;
  /** Puts on record that the actor in context was refused. */
  denied(denial: OperationDenial): void;
}

export interface PoliciesRoom {
  readonly policies: Policies;
  /** What the operations run on, for HTTP and the command line. */
  readonly ports: PolicyPorts;
  /**
   * Undefined when every rule holds and the policies were at hand.
   *
   * @throws the refusal of the gravest verdict; `policies.unavailable`
   */
  check(tenant: string, facts: PolicyFacts): Promise<void> | undefined;
  /** @throws `policies.unavailable` */
  load(tenant: string): PolicySet | Promise<PolicySet>;
}

export function createPolicies(given: PoliciesPorts): PoliciesRoom {
  const cache = createPolicyCache({
    query: (text, values) => given.systemQuery(text, values),
    contextToken: (tenant) => given.contextToken(tenant),
  });
  const ports: PolicyPorts = {
    query: (text, values) => {
      currentTenant();
      return given.contextQuery(text, values);
    },
    ip: () => currentTenant().origin?.ip,
    changed: () => cache.forget(currentTenant().tenant.id),
    nowMs: Date.now,
  };
  const run = <I extends z.ZodType, R extends z.ZodType>(
    operation: Operation<I, R, PolicyPorts>,
    input: z.input<I>,
  ): Promise<z.output<R>> =>
    // What comes of it the operation has checked by its own schema.
    runTellingDenial(operation, ports, input, given.denied) as Promise<z.output<R>>;
  const obey = (policies: PolicySet, facts: PolicyFacts): void => {
    const refusal = refusalOf(judge(policies, facts));
    if (refusal !== undefined) throw refusal;
  };
  return {
    policies: {
      list: async () => (await run(policyList, {})).items,
      get: (kind) => run(policyGet, { kind }),
      set: (kind, body, options) => run(policySetOperation, { kind, body, ...options }),
      history: (kind, page = {}) => run(policyHistory, { kind, ...page }),
      // The schema's rules are texts; those that come back are of the type.
      preview: (kind, body) => run(policyPreview, { kind, body }) as Promise<PolicyPreview>,
    },
    ports,
    check(tenant, facts) {
      const policies = cache.load(tenant);
      if (policies instanceof Promise) return policies.then((loaded) => obey(loaded, facts));
      obey(policies, facts);
      return undefined;
    },
    load: (tenant) => cache.load(tenant),
  };
}
