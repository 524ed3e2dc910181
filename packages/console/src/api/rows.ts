import { useMemo } from 'react';
import type { Page } from './shapes.ts';

/** The rows of all pages that came so far; the same array while they are the same, so that a table stays as it is. */
export function useRows<T>(
  found: { readonly pages: readonly Page<T>[] } | undefined,
): readonly T[] {
  return useMemo(() => found?.pages.flatMap((page) => page.items) ?? [], [found]);
}
