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
} from '../isolation/index.ts';

type Emit = (this: Emitter, event: string | symbol, ...values: unknown[]) => boolean;

export interface Emitter {
  emit: Emit;
  listenerCount(event: string | symbol): number;
}

const homes = new WeakMap<Emitter, TenantContext | null>();
/** Ours by what they emit with: one for all emitters of a kind, because a closure each costs every request. */
const keepers = new WeakMap<Emit, Emit>();
const ours = new WeakSet<Emit>();

/** Kept twice, an emitter's listeners run in the later context. */
export function keepEvents(emitter: Emitter, context: TenantContext | null): void {
  homes.set(emitter, context);
  const { emit } = emitter;
  if (ours.has(emit)) return;
  const carrier = carrierOf(emitter);
  if (carrier === emitter) emitter.emit = keeperOf(emit);
  else Object.defineProperty(carrier, 'emit', { value: keeperOf(emit), writable: true });
}

/**
 * What gets our `emit`: the prototype that a framework lays between its requests and Node's, as Express does
 * for apps to extend, else the request itself. Objects whose prototype was exchanged take new properties
 * slowly and are slow from then on; a class of Node's own is nobody's to change.
 */
function carrierOf(emitter: Emitter): Emitter {
  let carrier = emitter;
  for (;;) {
    const above = Object.getPrototypeOf(carrier) as Emitter | null;
    if (above === null || Object.hasOwn(above, 'constructor')) return carrier;
    carrier = above;
  }
}

function keeperOf(emit: Emit): Emit {
  let keeper = keepers.get(emit);
  if (keeper === undefined) {
    keeper = function (this: Emitter, ...event): boolean {
      const context = homes.get(this);
      // Where nobody listens, or all is at home already, there is nothing to enter for.
      if (context === undefined || isHere(context) || this.listenerCount(event[0]) === 0) {
        return emit.apply(this, event);
      }
      return enter(context, () => emit.apply(this, event));
    };
    keepers.set(emit, keeper);
    ours.add(keeper);
  }
  return keeper;
}

function isHere(context: TenantContext | null): boolean {
  return (peekContext() ?? null) === context;
}

/** Runs what follows a request's admission: in its context, or in none whatever surrounds it. */
export function enter<T>(context: TenantContext | null, fn: () => T): T {
  return context === null ? runOutsideContext(fn) : runInContext(context, fn);
}

/** The same for what is perhaps there already. */
export function reenter(context: TenantContext | null, fn: () => void): void {
  if (isHere(context)) fn();
  else enter(context, fn);
}
