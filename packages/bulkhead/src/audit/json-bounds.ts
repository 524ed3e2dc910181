/**
 * Keeps free-form JSON within bounds, so that no event can make whoever reads it run out of stack or memory.
 *
 * Promises: what passes is plain JSON of bounded depth, size and names, and writes to PostgreSQL and UTF-8
 * as it is. Says where a fault is, never what stands there.
 */
import { JSON_DEPTH_MAX, JSON_NODES_MAX, KEY_LENGTH_MAX } from './event.ts';
import { formatPointer } from './json-pointer.ts';
import { hasWholeCharacters } from './whole-characters.ts';

export interface JsonFault {
  /** A JSON pointer, from the value that was checked. */
  readonly path: string;
  readonly fault: string;
}

/** A fault on its way up; each level adds where it came from. */
interface Found {
  readonly parts: (string | number)[];
  readonly fault: string;
}

interface Visit {
  nodes: number;
  /** Texts need not be looked at. */
  readonly areTextsWhole: boolean;
}

/** The first fault of a value, or undefined when it may stand in an event. */
export function findJsonFault(value: unknown): JsonFault | undefined {
  return visitAll(value, false);
}

/** The same for a value that was read from this text, whose own text mostly tells of all texts in it. */
export function findParsedFault(value: unknown, text: string): JsonFault | undefined {
  return visitAll(value, hasWholeCharacters(text) && !text.includes('\\u'));
}

function visitAll(value: unknown, areTextsWhole: boolean): JsonFault | undefined {
  const found = visit(value, 0, { nodes: 0, areTextsWhole });
  return found && { path: formatPointer(found.parts.reverse()), fault: found.fault };
}

function visit(node: unknown, depth: number, count: Visit): Found | undefined {
  count.nodes += 1;
  if (count.nodes > JSON_NODES_MAX) return here(`is one of more than ${JSON_NODES_MAX} values`);
  if (depth > JSON_DEPTH_MAX) return here(`lies deeper than ${JSON_DEPTH_MAX} levels`);
  switch (typeof node) {
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(node) ? undefined : here('is a number that JSON does not have');
    case 'string':
      return count.areTextsWhole ? undefined : textFault(node);
    case 'object':
      break;
    default:
      return here(
        `is ${node === undefined ? 'undefined' : `a ${typeof node}`}, which JSON has not`,
      );
  }
  if (node === null) return undefined;
  if (Array.isArray(node)) {
    for (let index = 0; index < node.length; index += 1) {
      const found = visit(node[index], depth + 1, count);
      if (found !== undefined) return below(found, index);
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(node);
  if (prototype !== null && prototype !== Object.prototype) {
    return here('is not a plain object: give it as text, numbers, lists and plain objects');
  }
  for (const key of Object.keys(node)) {
    const member = (node as Record<string, unknown>)[key];
    // As JSON does: a member that is not there is not written.
    if (member === undefined) continue;
    const wrongKey = keyFault(key, count.areTextsWhole);
    if (wrongKey !== undefined) return wrongKey;
    const found = visit(member, depth + 1, count);
    if (found !== undefined) return below(found, key);
  }
  return undefined;
}

const here = (fault: string): Found => ({ parts: [], fault });

function below(found: Found, part: string | number): Found {
  found.parts.push(part);
  return found;
}

function textFault(text: string): Found | undefined {
  if (!hasWholeCharacters(text)) return here('holds half a surrogate pair');
  if (text.includes('\0')) return here('holds a NUL character');
  return undefined;
}

function keyFault(key: string, isWhole: boolean): Found | undefined {
  if (key.length > KEY_LENGTH_MAX) {
    return here(`has a key of more than ${KEY_LENGTH_MAX} characters`);
  }
  // Nothing here is moved by it, but whoever reads an export and merges objects may be.
  if (key === '__proto__') return here('has a key that would change its prototype elsewhere');
  const fault = isWhole ? undefined : textFault(key);
  return fault && here(`has a key that ${fault.fault}`);
}
