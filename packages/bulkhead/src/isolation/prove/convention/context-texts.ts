/**
 * Which texts of the database decide about rows, and which custom settings those texts read.
 *
 * A heuristic that finds names only; what an expression means is decided in `logic/`.
 */
import type { Catalog, Oid, Policy, Routine } from '../catalog/model.ts';

/** `current_setting('app.tenant_id'…`, as people write it and as PostgreSQL deparses it. */
const SETTING = /\bcurrent_setting\s*\(\s*'([^']+)'/gi;

/** Functions are followed this deep: policies call wrappers of wrappers, hardly more. */
const DEPTH_MAX = 4;

/** Settings read by a text, folded as PostgreSQL folds them. */
export function settingsIn(text: string): readonly string[] {
  return [...text.matchAll(SETTING)].map((match) => (match[1] ?? '').toLowerCase());
}

export function policyText(policy: Policy): string {
  return `${policy.using ?? ''} ${policy.check ?? ''}`;
}

/** The text of a policy with the bodies of the functions it calls, so that wrappers speak too. */
export class ContextTexts {
  readonly #routinesByName = new Map<string, Routine[]>();
  readonly #bodies = new Map<Oid, string>();

  readonly #catalog: Catalog;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
    for (const routine of catalog.routines.values()) {
      for (const name of [`${routine.schema}.${routine.name}`, routine.name]) {
        const known = this.#routinesByName.get(name);
        if (known === undefined) this.#routinesByName.set(name, [routine]);
        else known.push(routine);
      }
    }
  }

  /** `text` and, after it, the bodies of what it calls. */
  expand(text: string): string {
    return this.#expand(text, 0, new Set());
  }

  /** Views, and functions that run as their owner: they may filter rows where no policy does. */
  ofBodies(): readonly string[] {
    const bodies: string[] = [];
    for (const { definition } of this.#catalog.relations.values()) {
      if (definition !== null) bodies.push(definition);
    }
    for (const routine of this.#catalog.routines.values()) {
      if (routine.securityDefiner && routine.extension === null) bodies.push(this.#body(routine));
    }
    return bodies;
  }

  #expand(text: string, depth: number, seen: Set<Oid>): string {
    if (depth === DEPTH_MAX) return text;
    let expanded = text;
    for (const routine of this.#called(text)) {
      if (seen.has(routine.oid)) continue;
      seen.add(routine.oid);
      expanded += ` ${this.#expand(this.#body(routine), depth + 1, seen)}`;
    }
    return expanded;
  }

  #body(routine: Routine): string {
    let body = this.#bodies.get(routine.oid);
    if (body === undefined) {
      body = `${routine.sqlBody ?? routine.source} ${[...routine.config.keys()].join(' ')}`;
      this.#bodies.set(routine.oid, body);
    }
    return body;
  }

  #called(text: string): readonly Routine[] {
    const called: Routine[] = [];
    for (const match of text.matchAll(/([\w$]+(?:\.[\w$]+)?)\s*\(/g)) {
      called.push(...(this.#routinesByName.get(match[1] ?? '') ?? []));
    }
    return called;
  }
}
