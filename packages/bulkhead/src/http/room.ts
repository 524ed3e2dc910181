/**
 * Brings another room's operations into the shape that the control plane runs.
 *
 * Promises: what an operation refuses because somebody reached for more than they may is on record, though
 * nothing changed; what is asked in this process after a change sees it; what is dangerous asks a session for what
 * no cookie holds.
 */
import { z } from 'zod';
import { peekContext } from '../isolation/index.ts';
import type { OperationDefinition, StatementPort } from '../kernel/operation.ts';
import { type OperationDenial, runTellingDenial } from '../kernel/operation-denial.ts';
import type { RouteDefinition } from '../kernel/route.ts';
import type { ControlRoom } from './operation.ts';
import { fenced } from './request/fence.ts';

export interface RoomHooks {
  /** A change of the tenant in context is committed. */
  changed(): void;
  /** The actor in context was refused. */
  denied(denial: OperationDenial): void;
  /**
   * Lets the actor in context use a permission for a change, who must have shown the second factor of late where it
   * is a dangerous one.
   *
   * @throws `policies.step_up_required`
   */
  confirm(permission: string): Promise<void>;
}

export interface RoomOptions<Ports extends StatementPort> {
  readonly routes: readonly RouteDefinition[];
  readonly operations: readonly OperationDefinition<Ports>[];
  /** What the operations work with; they are run in the caller's context. */
  readonly ports: Ports;
  readonly hooks: RoomHooks;
  /** Fields that the library takes and strangers may not give, by operation. */
  readonly withheld?: Readonly<Record<string, readonly string[]>>;
  /** Whether all that an operation changes goes by `ports.query`, each statement a call of one function. */
  readonly isFenced?: (operation: string) => boolean;
}

export function controlRoom<Ports extends StatementPort>(options: RoomOptions<Ports>): ControlRoom {
  const { routes, operations, hooks, withheld = {}, isFenced = () => false } = options;
  const inFence = fenced(options.ports, peekContext);
  return {
    routes,
    operations: operations.map((definition) => ({
      ...definition,
      input: without(definition.input, withheld[definition.name] ?? []),
      output: asPage(definition.output),
      asksItself: true,
      fenced: definition.kind === 'change' && isFenced(definition.name),
      async run({ input }) {
        const changes = definition.kind === 'change';
        const ports = changes && isFenced(definition.name) ? inFence : options.ports;
        if (changes && definition.permission !== null) await hooks.confirm(definition.permission);
        const result = await runTellingDenial(definition, ports, input, hooks.denied);
        if (changes) hooks.changed();
        return Array.isArray(result) ? { items: result, next: null } : result;
      },
    })),
  };
}

/** A list that is whole travels like a page that is the last. */
const asPage = (output: z.ZodType): z.ZodType =>
  output instanceof z.ZodArray ? z.object({ items: output, next: z.null() }) : output;

function without(input: z.ZodType, fields: readonly string[]): z.ZodType {
  if (fields.length === 0) return input;
  if (!(input instanceof z.ZodObject)) throw new Error('only fields of an object can be withheld');
  // The types of this object's own fields are not known here.
  const mask = Object.fromEntries(fields.map((field) => [field, true])) as Record<never, never>;
  return input.omit(mask);
}
