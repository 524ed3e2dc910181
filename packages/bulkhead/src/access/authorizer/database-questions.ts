/**
 * What the authorizer asks the database, each in one round trip on Bulkhead's own connections: a request that
 * holds the pool's only client waits for nobody.
 *
 * Promises: an answer is for the tenant and the actor of the context that it was signed for, whatever the text of
 * a question says. Without an answer in time: `access.unavailable`.
 */
import type { Actor } from '../../isolation/index.ts';
import { isBulkheadError } from '../../kernel/errors.ts';
import { accessError } from '../errors.ts';
import { withinMs } from './change-feed.ts';
import type { SnapshotAnswer } from './snapshot-answer.ts';
import type { ActorState } from './tenant-state.ts';

export interface QuestionPorts {
  /** Runs a statement as the app's role in no tenant; every value comes as text. */
  systemQuery(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  contextToken(tenant: string, actor: Actor): string;
}

export interface PlacesAnswer {
  readonly epoch: number;
  readonly tree: number;
  readonly paths: readonly (readonly string[])[];
}

export interface EpochsAnswer {
  readonly catalogue: number;
  /** In the order of the question. */
  readonly epochs: readonly number[];
}

export interface Check {
  readonly permission: string;
  /** A node's id; the tenant itself without one. */
  readonly node?: string | undefined;
}

const ANSWER_MS_MAX = 5_000;
/** No such table or function: `bulkhead migrate` has not run. The app's role lacks a right: neither has it. */
const UNMIGRATED = /^(3F000|42883|42P01|42501)$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export class DatabaseQuestions {
  readonly #ports: QuestionPorts;

  constructor(ports: QuestionPorts) {
    this.#ports = ports;
  }

  snapshot(
    of: ActorState,
    known: { tree: number | undefined; catalogue: number | undefined },
    nodesMax: number,
  ): Promise<SnapshotAnswer> {
    return this.#ask('select bulkhead.access_process_snapshot($1, $2, $3, $4) as answer', [
      this.#tokenOf(of),
      known.tree ?? null,
      known.catalogue ?? null,
      nodesMax,
    ]);
  }

  places(of: ActorState, nodes: readonly string[]): Promise<PlacesAnswer> {
    return this.#ask('select bulkhead.access_process_nodes($1, $2) as answer', [
      this.#tokenOf(of),
      nodes.filter(isNodeId),
    ]);
  }

  /** What `bulkhead.permits` says. */
  decide(of: ActorState, checks: readonly Check[]): Promise<boolean[]> {
    return this.#ask('select to_json(bulkhead.access_process_decide($1, $2, $3)) as answer', [
      this.#tokenOf(of),
      checks.map(({ permission }) => permission),
      checks.map(({ node }) => node ?? null),
    ]);
  }

  epochs(tenants: readonly string[], timeoutMs: number): Promise<EpochsAnswer> {
    return this.#ask('select bulkhead.access_process_epochs($1) as answer', [tenants], timeoutMs);
  }

  #tokenOf({ tenant, type, id }: ActorState): string {
    // Made from a context, whose type is one of those.
    return this.#ports.contextToken(tenant.id, { type: type as Actor['type'], id });
  }

  async #ask<T>(text: string, values: unknown[], timeoutMs = ANSWER_MS_MAX): Promise<T> {
    let rows: Record<string, unknown>[];
    try {
      ({ rows } = await withinMs(this.#ports.systemQuery(text, values), timeoutMs));
    } catch (cause) {
      // A fault of the set-up does not pass by trying again.
      if (isBulkheadError(cause) && cause.status === 500) throw cause;
      const { code } = cause as { code?: string };
      throw accessError('access.unavailable', {
        ...(code !== undefined &&
          UNMIGRATED.test(code) && {
            message:
              'The database has no access tables that the app may ask: run `bulkhead migrate`.',
          }),
        cause,
      });
    }
    // The functions return JSON and nothing else.
    return JSON.parse(rows[0]?.answer as string) as T;
  }
}

/** Anything else is no node's id, and not worth a question. */
export function isNodeId(node: string): boolean {
  return UUID.test(node);
}
