/**
 * One request to one endpoint, from its arrival to its answer.
 *
 * Reads in the order in which it happens: who, how often, from where, what, may they, once, unchanged since,
 * the work, the answer.
 */
import { networkOf, requireRecentMfa } from '../identity/index.ts';
import type { TenantContext } from '../isolation/index.ts';
import { runInContext } from '../isolation/index.ts';
import { isBulkheadError } from '../kernel/errors.ts';
import { isDenial } from '../kernel/operation-denial.ts';
import type { ControlGate } from './control-gate.ts';
import { ControlRequest, OPERATORS } from './control-gate.ts';
import { httpError } from './errors.ts';
import type { Caller, Endpoint, NamedTenant, OperationCall, SignedInSession } from './operation.ts';
import { InputFaults } from './request/answer.ts';
import { type AntiForgery, assertSameSite, isAmbient } from './request/cross-site.ts';
import { entityTag, matchesTag, namedVersions } from './request/entity-tag.ts';
import { hasMoved, holdIn, markIn } from './request/fence.ts';
import type { Idempotency } from './request/idempotency.ts';
import type { KnownHosts } from './request/known-hosts.ts';
import { once } from './request/once.ts';
import { type RateLimiter, rateHeaders } from './request/rate-limit.ts';
import { parseInput, queryKinds, readBody, readQuery } from './request/read-input.ts';
import { readReason } from './request/reason.ts';
import { bound, respond, stateOf } from './request/respond.ts';

export interface AnswerPorts {
  readonly gate: ControlGate;
  readonly hosts: KnownHosts;
  readonly antiForgery: AntiForgery;
  readonly idempotency: Idempotency;
  readonly limiter: RateLimiter;
  readonly limits: { readonly signedIn: number; readonly anonymous: number };
  readonly bodyBytesMax: number;
  /** Who is signed in by a session. @throws `identity.credentials_missing`, `identity.session_invalid` */
  sessionOf(request: ControlRequest): Promise<SignedInSession>;
  /** Where the changes of a context's tenant stand. */
  stampOf(context: TenantContext): Promise<string>;
  /** A tenant by id or slug; null for none. */
  findTenant(name: string): Promise<NamedTenant | null>;
  /** @throws `access.denied` when the actor of the context does not hold it. */
  authorize(context: TenantContext, permission: string): Promise<void>;
  /** @throws `policies.step_up_required` when the session of the context has not shown a second factor of late. */
  confirm(context: TenantContext): Promise<void>;
  /** Puts on record that somebody reached for more than they may: for what is the operators', unless said otherwise. */
  refused(context: TenantContext, reached: Reached): void;
  /** The context of a tenant for an operator who works in it. */
  contextOf(caller: Caller, tenant: NamedTenant): TenantContext;
  /** Puts on record that an operator works in a tenant, with the reason. */
  entered(caller: Caller, tenant: NamedTenant, reason: string): void;
}

/** What somebody reached for who may not: by a permission that they lack, or upon somebody above them. */
export interface Reached {
  readonly permission?: string;
  readonly operation?: string;
  readonly code?: string;
  readonly target?: { readonly type: string; readonly id: string };
}

/** What came with the request besides itself. */
export interface Arrival {
  readonly request: Request;
  readonly url: URL;
  readonly parameters: Readonly<Record<string, string>>;
  /** The server's own request, where there is one. */
  readonly raw: unknown;
  readonly address: string | undefined;
  /** Told of the request before anybody is asked who sends it: the answer carries what is put on it. */
  readonly onAnswer: (asked: ControlRequest) => void;
  /** Told who it is as soon as that is known. */
  readonly onAdmitted: (asked: ControlRequest, context: TenantContext) => void;
}

export type EndpointAnswerer = (arrival: Arrival) => Promise<Response>;

const UNSAFE: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** Other changes of the tenant may come between a comparison and its change that often. */
const COMPARISONS_MAX = 5;
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

export function createAnswerer(
  endpoint: Endpoint,
  findEndpoint: (operation: string) => Endpoint | undefined,
  ports: AnswerPorts,
): EndpointAnswerer {
  const { route, scope, operation } = endpoint;
  const kinds = queryKinds(operation.input);
  /** A read that is sent by POST has nothing to be made twice. */
  const isChange = operation.kind === 'change';
  const readEndpoint = route.etagOf === undefined ? undefined : findEndpoint(route.etagOf);
  if (route.etagOf !== undefined && readEndpoint === undefined) {
    throw new Error(`no operation ${route.etagOf}`);
  }
  const comparesItself = operation.comparesItself === true;

  return async (arrival) => {
    const { request, url } = arrival;
    const unsafe = UNSAFE.has(request.method);
    if (scope === 'public') {
      if (unsafe) assertSameSite(request, ports.hosts);
      const headers = limited(
        `network ${networkOf(arrival.address ?? '')}`,
        ports.limits.anonymous,
      );
      const { call } = await read(arrival, null, null, undefined);
      return respond(endpoint, await operation.run(call), headers, request);
    }

    if (scope === 'account') return answerAccount(arrival, unsafe);
    const caller = await countingStrangers(arrival, () => admit(arrival));
    const headers = limited(keyOf(caller), ports.limits.signedIn);
    // The operators' own log and people are theirs by the same addresses.
    if (scope === 'operators' && caller.plane !== 'operator') {
      ports.refused(caller.context, { permission: operation.permission ?? operation.name });
      throw httpError('http.operators_only');
    }
    if (unsafe && caller.ambient) {
      assertSameSite(request, ports.hosts);
      ports.antiForgery.check(request, caller.context);
    }
    const tenant = await locate(caller, arrival);
    const reason = readReason(request);
    const { call, body } = await read(arrival, caller, tenant, reason);
    const context = contextFor(caller, tenant, reason);
    // In a tenant an operator holds everything: what they may is what their roles among the operators say.
    if (
      operation.permission !== null &&
      (operation.asksItself !== true || context !== caller.context)
    ) {
      await ports.authorize(caller.context, operation.permission);
    }
    if (operation.dangerous === true) {
      await ports.confirm(caller.context);
      // Whatever policy says: a key, or whoever has no second factor, is not enough for it.
      requireRecentMfa(caller.context.session);
    }

    if (context !== caller.context && tenant !== null) ports.entered(caller, tenant, reason ?? '');

    const expected = expectedBy(request);
    const run = (of: Endpoint, given: OperationCall): Promise<unknown> =>
      runInContext(context, () => of.operation.run(given));
    /** Refuses what is not as it was read, and has the change refused if it is not so until it is made. */
    const compare = async (of: Endpoint, tag: string): Promise<void> => {
      if (operation.fenced === true) holdIn(context, await ports.stampOf(context));
      const input = parseInput(
        of.operation.input,
        new Map(Object.entries(own(arrival.parameters))),
      );
      const now = await run(of, { ...call, input });
      if (!matchesTag(tag, entityTag(stateOf(of, now), now)))
        throw httpError('http.precondition_failed');
    };
    const work = async (): Promise<Response> => {
      for (let attempt = 1; ; attempt += 1) {
        if (readEndpoint !== undefined && expected !== null && !comparesItself) {
          await compare(readEndpoint, expected);
        }
        try {
          const result = await comparing((given) => run(endpoint, given), call, expected);
          return respond(endpoint, bound(result, context), headers, request);
        } catch (error) {
          // Other rooms tell of theirs.
          if (operation.room === 'http' && isDenial(error)) {
            const { user } = call.input as { readonly user?: unknown };
            ports.refused(caller.context, {
              operation: operation.name,
              code: error.code,
              ...(typeof user === 'string' && { target: { type: 'user', id: user.toLowerCase() } }),
            });
          }
          if (!hasMoved(error) || attempt === COMPARISONS_MAX) throw error;
        }
      }
    };
    const key = isChange ? request.headers.get('idempotency-key') : null;
    if (key === null) return work();
    const attempt = await ports.idempotency.begin({
      // Where it is made, and as whom: an operator in a tenant is nobody of that tenant's.
      tenant: context.tenant.id,
      actor: `${context.actor.type}:${context.actor.id}`,
      key,
      asked: `${request.method} ${url.pathname}${url.search}\n${expected ?? ''}\n${body}`,
      fenced: operation.fenced === true,
    });
    if (operation.fenced === true) markIn(context, attempt.mark);
    return once(attempt, work, headers);
  };

  /** What somebody does with what is their own, which is in no tenant. */
  async function answerAccount(arrival: Arrival, unsafe: boolean): Promise<Response> {
    const { request, url, raw, onAnswer } = arrival;
    const asked = new ControlRequest(request, raw, undefined);
    onAnswer(asked);
    const session = await countingStrangers(arrival, () => ports.sessionOf(asked));
    const headers = limited(`session ${session.userId}`, ports.limits.signedIn);
    if (unsafe) {
      assertSameSite(request, ports.hosts);
      ports.antiForgery.checkSession(request, session.id);
    }
    const expected = expectedBy(request);
    const { call, body } = await read(arrival, null, null, undefined);
    const work = async () =>
      respond(
        endpoint,
        await comparing(operation.run, { ...call, session }, expected),
        headers,
        request,
      );
    const key = isChange ? request.headers.get('idempotency-key') : null;
    if (key === null) return work();
    const attempt = await ports.idempotency.begin({
      tenant: OPERATORS,
      actor: `account:${session.userId}`,
      key,
      asked: `${request.method} ${url.pathname}${url.search}\n${expected ?? ''}\n${body}`,
      fenced: false,
    });
    return once(attempt, work, headers);
  }

  /**
   * What a change must find, or null.
   *
   * @throws `http.precondition_unsupported`: to make the change all the same would overwrite what its sender asked not
   * to overwrite
   */
  function expectedBy(request: Request): string | null {
    const expected = isChange ? request.headers.get('if-match') : null;
    // What is one's own is in no tenant whose changes could be held.
    const isCompared = scope === 'account' ? comparesItself : readEndpoint !== undefined;
    if (expected !== null && !isCompared) throw httpError('http.precondition_unsupported');
    return expected;
  }

  /** Leaves the comparison to an operation that makes it in the statement of its change. */
  async function comparing(
    run: (call: OperationCall) => Promise<unknown>,
    call: OperationCall,
    expected: string | null,
  ): Promise<unknown> {
    if (!comparesItself || expected === null) return run(call);
    try {
      return await run({ ...call, versions: namedVersions(expected) });
    } catch (error) {
      const isOther = isBulkheadError(error) && error.code === 'identity.version_conflict';
      throw isOther ? httpError('http.precondition_failed', { cause: error }) : error;
    }
  }

  /** Who sends it; whoever may not be here at all hears that there is nothing. */
  async function admit({
    request,
    url,
    parameters,
    raw,
    onAdmitted,
    onAnswer,
  }: Arrival): Promise<Caller> {
    const named = scope === 'signed-in' ? (url.searchParams.get('tenant') ?? undefined) : undefined;
    // Left out it is another question: a link that lost its tenant must not be answered as whoever else one is.
    if (named === '') throw new InputFaults([{ path: 'tenant', message: 'must name a tenant' }]);
    const asked = new ControlRequest(request, raw, parameters.tenant ?? named);
    onAnswer(asked);
    const context = await ports.gate.admit(asked);
    onAdmitted(asked, context);
    const plane = context.tenant.id === OPERATORS ? 'operator' : 'tenant';
    return { plane, context, ambient: isAmbient(request, context) };
  }

  async function locate(caller: Caller, { parameters }: Arrival): Promise<NamedTenant | null> {
    const name = parameters.tenant;
    if (name === undefined) return null;
    const { id, slug } = caller.context.tenant;
    // The gate has found the member's tenant by this very name.
    if (caller.plane === 'tenant') return { id, slug: slug ?? id };
    const found = await ports.findTenant(name);
    if (found === null) throw httpError('http.absent');
    return found;
  }

  function contextFor(
    caller: Caller,
    tenant: NamedTenant | null,
    reason: string | undefined,
  ): TenantContext {
    if (caller.plane === 'tenant' || tenant === null || scope !== 'tenant') return caller.context;
    // Among themselves operators are members like everybody.
    if (tenant.id === OPERATORS) return caller.context;
    if (reason === undefined) throw httpError('http.reason_missing');
    return ports.contextOf(caller, tenant);
  }

  async function read(
    { request, url, parameters, address }: Arrival,
    caller: Caller | null,
    tenant: NamedTenant | null,
    reason: string | undefined,
  ): Promise<{ call: OperationCall; body: string }> {
    const fields = readQuery(url.searchParams, kinds);
    if (scope === 'signed-in') fields.delete('tenant');
    let body = '';
    if (WITH_BODY.has(request.method)) {
      const given = await readBody(request, ports.bodyBytesMax);
      body = given.text;
      for (const [name, value] of given.fields) fields.set(name, value);
    }
    for (const [name, value] of Object.entries(own(parameters))) fields.set(name, value);
    const input = parseInput(operation.input, fields);
    return {
      body,
      call: {
        input,
        caller,
        session: null,
        tenant,
        reason,
        request,
        signal: request.signal,
        address,
      },
    };
  }

  /**
   * Counts whoever is not admitted against their network, in a bucket of its own: valid credentials are never asked
   * about it, and signing in draws on another one, so that a stranger behind the same address locks nobody out.
   *
   * @throws `http.too_many_requests` once it is empty, instead of the refusal
   */
  async function countingStrangers<T>({ address }: Arrival, find: () => Promise<T>): Promise<T> {
    try {
      return await find();
    } catch (error) {
      if (!isBulkheadError(error) || error.status >= 500) throw error;
      const headers = limited(`refused ${networkOf(address ?? '')}`, ports.limits.anonymous);
      throw Object.assign(error, { headers });
    }
  }

  /** @throws `http.too_many_requests` */
  function limited(key: string, limit: number): Record<string, string> {
    const verdict = ports.limiter.take(key, limit);
    const headers = rateHeaders(verdict);
    if (!verdict.allowed) throw Object.assign(httpError('http.too_many_requests'), { headers });
    return headers;
  }
}

const keyOf = ({ context }: Caller): string =>
  `${context.tenant.id} ${context.actor.type}:${context.actor.id}`;

function own({ tenant: _, ...rest }: Readonly<Record<string, string>>): Record<string, string> {
  return rest;
}
