/**
 * Keeps the events of a request and of its response in that request's own context.
 *
 * Promises: a listener of either runs in the context of the request it belongs to, or in none for a public
 * one. By itself Node runs it where the event happens to be emitted: for the body's events that is outside
 * any context, and for the end of a pipelined response it is the context of the request before it on the
 * same connection, perhaps another tenant's.
 */
import {
  peekContext,
  runInContext,
  runOutsideContext,
  type TenantContext,
} from '../isolation/tenant-context.ts';

const home: unique symbol = Symbol('bulkhead.context');
const ownEmit: unique symbol = Symbol('bulkhead.emit');

type Emit = (this: Emitter, event: string | symbol, ...values: unknown[]) => boolean;

export interface Emitter {
  emit: Emit;
  listenerCount(event: string | symbol): number;
  [home]?: TenantContext | null;
  [ownEmit]?: Emit;
}

/** Kept twice, an emitter's listeners run in the later context. */
export function keepEvents(emitter: Emitter, context: TenantContext | null): void {
  emitter[home] = context;
  if (emitter.emit === emitAtHome) return;
  emitter[ownEmit] = emitter.emit;
  emitter.emit = emitAtHome;
}

/** One function for all emitters: a closure for each of them costs every request some microseconds. */
function emitAtHome(this: Emitter, event: string | symbol, ...values: unknown[]): boolean {
  // Set by keepEvents, which alone puts this function onto an emitter.
  const emit = this[ownEmit] as Emit;
  const context = this[home] ?? null;
  // Where nobody listens, or all is at home already, there is nothing to enter for.
  if ((peekContext() ?? null) === context || this.listenerCount(event) === 0) {
    return emit.call(this, event, ...values);
  }
  return enter(context, () => emit.call(this, event, ...values));
}

/** Runs what follows a request's admission: in its context, or in none whatever surrounds it. */
export function enter<T>(context: TenantContext | null, fn: () => T): T {
  return context === null ? runOutsideContext(fn) : runInContext(context, fn);
}

/** The same for what is perhaps there already. */
export function reenter(context: TenantContext | null, fn: () => void): void {
  if ((peekContext() ?? null) === context) fn();
  else enter(context, fn);
}
