/** Paths of fields as a catalogue writes them: `metadata.email`, `metadata.people.*.name`, `reason`. */

/** Fields of an event that may be personal, and whether something of theirs can be named below them. */
const ROOTS: Readonly<Record<string, boolean>> = {
  after: true,
  before: true,
  ip: false,
  location: true,
  metadata: true,
  reason: false,
  requestId: false,
  sessionId: false,
  userAgent: false,
};

const DEPTH_MAX = 8;

/** The parts of a path; undefined when there is no such field to commit to. */
export function parseFieldPath(text: string): readonly string[] | undefined {
  const parts = text.split('.');
  const [root = ''] = parts;
  if (!Object.hasOwn(ROOTS, root) || parts.includes('') || parts.length > DEPTH_MAX)
    return undefined;
  return parts.length === 1 || ROOTS[root] ? parts : undefined;
}

/** Every place in a value that a path with stars leads to, outermost last part included. */
export function expandPath(value: unknown, path: readonly string[]): (readonly string[])[] {
  let places: { at: readonly string[]; value: unknown }[] = [{ at: [], value }];
  for (const part of path) {
    places = places.flatMap(({ at, value: parent }) => {
      if (typeof parent !== 'object' || parent === null) return [];
      const keys = part === '*' ? Object.keys(parent) : [part];
      return keys
        .filter((key) => Object.hasOwn(parent, key))
        .map((key) => ({ at: [...at, key], value: (parent as Record<string, unknown>)[key] }));
    });
  }
  return places.filter(({ value: found }) => found !== undefined).map(({ at }) => at);
}
