/** Medians and quantiles; nothing here averages, because a mean on a shared machine measures its neighbours. */

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** @param sorted ascending. The nearest rank; NaN of nothing. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return sorted[rank] ?? Number.NaN;
}
