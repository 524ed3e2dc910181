/**
 * Admits requests to the control plane: as a member of the tenant that the path names, else as an operator.
 *
 * Promises: stands on the same gate as the app's own requests, with one difference: the tenant is the one of
 * the path, whatever host or header says. Who belongs neither to that tenant nor to the operators can't tell
 * it from an absent one.
 */
import type { RequestGate, RequestLike } from '../identity/index.ts';
import type { TenantContext } from '../isolation/index.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { httpError } from './errors.ts';

/** Those who run the product are a tenant of their own. */
export const OPERATORS = '00000000-0000-0000-0000-000000000000';

/** The header by which the gate is told which tenant is meant; nobody else is ever asked for it. */
export const TENANT_HEADER = 'bulkhead-tenant';

/** A request with its tenant already read from the path. */
export class ControlRequest implements RequestLike {
  readonly #request: Request;
  readonly raw: unknown;
  readonly path: string;
  tenant: string | undefined;
  /** What the answer is to carry, such as the cookie of a session that was renewed. */
  readonly responseHeaders: (readonly [name: string, value: string])[] = [];

  constructor(request: Request, raw: unknown, tenant: string | undefined) {
    this.#request = request;
    this.raw = raw;
    const { pathname, search } = new URL(request.url);
    this.path = `${pathname}${search}`;
    this.tenant = tenant;
  }

  get method(): string {
    return this.#request.method;
  }

  get host(): string | undefined {
    return this.header('host') ?? new URL(this.#request.url).host;
  }

  addResponseHeader(name: string, value: string): void {
    this.responseHeaders.push([name, value]);
  }

  header(name: string): string | undefined {
    if (name === TENANT_HEADER) return this.tenant;
    return this.#request.headers.get(name) ?? undefined;
  }
}

/** Answers that mean: not this tenant. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  'identity.tenant_not_allowed',
  'identity.tenant_unknown',
  'identity.tenant_missing',
  'identity.tenant_disabled',
  'identity.tenant_suspended',
  'identity.tenant_closed',
]);

export interface ControlGate extends RequestGate {
  admit(request: RequestLike): Promise<TenantContext>;
}

/** @param gate finds the tenant in the header `bulkhead-tenant`, and demands credentials of everybody */
export function createControlGate(gate: RequestGate): ControlGate {
  const admitTo = async (request: ControlRequest, tenant: string | undefined) => {
    request.tenant = tenant;
    const context = await gate.admit(request);
    // Only a gate with public paths admits nobody in particular.
    if (context === null) throw httpError('http.absent');
    return context;
  };
  return {
    async admit(request) {
      if (!(request instanceof ControlRequest)) throw new TypeError('not a control request');
      const named = request.tenant;
      try {
        return await admitTo(request, named ?? OPERATORS);
      } catch (error) {
        if (!isElsewhere(error)) throw error;
        const other = await admitTo(request, named === undefined ? undefined : OPERATORS).catch(
          (second: unknown) => {
            throw isElsewhere(second) ? refusal(error) : second;
          },
        );
        return other;
      }
    },
    ...(gate.answered !== undefined && { answered: gate.answered.bind(gate) }),
    ...(gate.refusedAs !== undefined && { refusedAs: gate.refusedAs.bind(gate) }),
  };
}

const isElsewhere = (error: unknown): boolean =>
  isBulkheadError(error) && ELSEWHERE.has(error.code);

/** Whoever belongs to a tenant may know that it is shut; everything else reads as absent. */
const SHUT = /^identity\.tenant_(?:disabled|suspended|closed)$/;
const refusal = (error: unknown): unknown =>
  isBulkheadError(error) && SHUT.test(error.code)
    ? error
    : httpError('http.absent', { cause: error });
