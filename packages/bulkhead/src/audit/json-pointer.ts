/** JSON pointers (RFC 6901): how a leaf names the fields of an event that it only commits to. */

/** `['metadata', 'a/b']` as `/metadata/a~1b`. */
export function formatPointer(parts: readonly (string | number)[]): string {
  return parts
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

/** The parts of a pointer; undefined for a text that is none. */
export function parsePointer(pointer: string): readonly string[] | undefined {
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

const INDEX = /^(?:0|[1-9][0-9]{0,8})$/;

/** Own members alone: `constructor` or `__proto__` finds nothing that the value does not have itself. */
function childOf(value: unknown, part: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return INDEX.test(part) ? value[Number(part)] : undefined;
  return Object.hasOwn(value, part) ? (value as Record<string, unknown>)[part] : undefined;
}

/** What stands at a place; undefined where there is nothing. */
export function valueAt(value: unknown, parts: readonly string[]): unknown {
  return parts.reduce<unknown>(childOf, value);
}

/**
 * Takes what stands at a place out of a value of JSON, in place: a member goes, an element of a list
 * becomes null, so that the places of the others stay.
 *
 * @returns what stood there; undefined where there was nothing.
 */
export function takeAt(value: unknown, parts: readonly string[]): unknown {
  const last = parts.at(-1);
  const parent = valueAt(value, parts.slice(0, -1));
  const taken = last === undefined ? undefined : childOf(parent, last);
  if (taken === undefined || last === undefined) return undefined;
  if (Array.isArray(parent)) parent[Number(last)] = null;
  // `childOf` has found an own member of it, so it is an object.
  else delete (parent as Record<string, unknown>)[last];
  return taken;
}

/**
 * Puts a value where `takeAt` took it from; makes the objects on the way, and only own members, so that no name
 * reaches a prototype.
 *
 * @returns false where the way leads through something that is not an object or a list.
 */
export function putAt(root: object, parts: readonly string[], value: unknown): boolean {
  let parent: unknown = root;
  for (const [depth, part] of parts.entries()) {
    if (typeof parent !== 'object' || parent === null) return false;
    const isLast = depth === parts.length - 1;
    if (Array.isArray(parent)) {
      if (!INDEX.test(part) || Number(part) >= parent.length) return false;
      if (isLast) parent[Number(part)] = value;
      parent = parent[Number(part)];
      continue;
    }
    if (isLast || !Object.hasOwn(parent, part)) setOwn(parent, part, isLast ? value : {});
    parent = (parent as Record<string, unknown>)[part];
  }
  return parts.length > 0;
}

function setOwn(parent: object, name: string, value: unknown): void {
  if (name === '__proto__') {
    // The one name that would be assigned to a prototype's setter; for all others defining costs ten times as much.
    const member = { value, configurable: true, enumerable: true, writable: true };
    Object.defineProperty(parent, name, member);
  } else {
    (parent as Record<string, unknown>)[name] = value;
  }
}
