/**
 * Which methods an address takes.
 *
 * Promises: of several paths that fit an address the one that says more of it in so many words is meant, whatever
 * the method: `/passkeys/options` is never a passkey that is called options.
 */

interface KnownPath {
  readonly segments: readonly string[];
  readonly methods: Set<string>;
}

/** Those of the path that an address means; none where nothing is. */
export type MethodsAt = (address: string) => readonly string[];

const isParameter = (segment: string): boolean => segment.startsWith('{');

export function methodsByPath(
  routes: readonly { readonly method: string; readonly path: string }[],
): MethodsAt {
  const known = new Map<string, KnownPath>();
  for (const { method, path } of routes) {
    const key = path.replaceAll(/\{[^}]+\}/g, '{}');
    const at = known.get(key) ?? { segments: key.split('/'), methods: new Set() };
    at.methods.add(method);
    known.set(key, at);
  }
  const paths = [...known.values()];
  return (address) => {
    const segments = address.split('/');
    const fitting = paths.filter((path) => fits(path.segments, segments));
    const meant = fitting.reduce<KnownPath | undefined>(
      (best, path) => (best === undefined || saysMore(path, best) ? path : best),
      undefined,
    );
    return [...(meant?.methods ?? [])];
  };
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((of, n) => (isParameter(of) ? segments[n] !== '' : of === segments[n]))
  );
}

/** At the first place where they differ, the one with the word. */
function saysMore(one: KnownPath, other: KnownPath): boolean {
  const at = one.segments.findIndex((segment, n) => segment !== other.segments[n]);
  return at >= 0 && !isParameter(one.segments[at] ?? '');
}
