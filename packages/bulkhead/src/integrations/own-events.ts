/**
 * Keeps the events of a request and of its response in that request's own context.
 *
 * Promises: a listener of either runs in the context of the request it belongs to, or in none for a public
 * one. By itself Node runs it where the event happens to be emitted: for the body's events that is outside
 * any context, and for the end of a pipelined response it is the context of the request before it on the
 * same connection, perhaps another tenant's.
 */
import {
  runInContext,
  runOutsideContext,
  type TenantContext,
} from '../isolation/tenant-context.ts';

export interface Emitter {
  emit(event: string | symbol, ...values: unknown[]): boolean;
}

export function keepEvents(emitter: Emitter, context: TenantContext | null): void {
  const { emit } = emitter;
  emitter.emit = (...event) => enter(context, () => emit.apply(emitter, event));
}

/** Runs what follows a request's admission: in its context, or in none whatever surrounds it. */
export function enter<T>(context: TenantContext | null, fn: () => T): T {
  return context === null ? runOutsideContext(fn) : runInContext(context, fn);
}
