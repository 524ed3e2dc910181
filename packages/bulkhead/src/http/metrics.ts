/**
 * Counts for Prometheus, in its text format (0.0.4): a few numbers need no library.
 *
 * Promises: labels are routes, never addresses, so that strangers cannot make series.
 */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Series {
  count: number;
  seconds: number;
  readonly buckets: number[];
}

export interface Metrics {
  answered(method: string, route: string, status: number, seconds: number): void;
  /** A number that is read when it is asked for. */
  gauge(name: string, help: string, read: () => number): void;
  text(): string;
}

export function createMetrics(): Metrics {
  const series = new Map<string, Series>();
  const gauges: { name: string; help: string; read: () => number }[] = [];
  return {
    answered(method, route, status, seconds) {
      const key = `method="${method}",route="${route}",status="${status}"`;
      let of = series.get(key);
      if (of === undefined) {
        of = { count: 0, seconds: 0, buckets: BUCKETS_SECONDS.map(() => 0) };
        series.set(key, of);
      }
      of.count += 1;
      of.seconds += seconds;
      BUCKETS_SECONDS.forEach((bound, at) => {
        if (seconds <= bound) (of.buckets[at] as number) += 1;
      });
    },
    gauge: (name, help, read) => gauges.push({ name, help, read }),
    text() {
      const lines = [
        '# HELP bulkhead_http_request_duration_seconds How long answers took.',
        '# TYPE bulkhead_http_request_duration_seconds histogram',
      ];
      const name = 'bulkhead_http_request_duration_seconds';
      for (const [labels, { count, seconds, buckets }] of series) {
        BUCKETS_SECONDS.forEach((bound, at) => {
          lines.push(`${name}_bucket{${labels},le="${bound}"} ${buckets[at]}`);
        });
        lines.push(
          `${name}_bucket{${labels},le="+Inf"} ${count}`,
          `${name}_sum{${labels}} ${seconds.toFixed(6)}`,
          `${name}_count{${labels}} ${count}`,
        );
      }
      for (const { name: of, help, read } of gauges) {
        lines.push(`# HELP ${of} ${help}`, `# TYPE ${of} gauge`, `${of} ${read()}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}
