/** A few clusters that cases take turns on: each cluster holds one case at a time. */
import { type CorpusCluster, startCorpusCluster } from './corpus-cluster.ts';

export interface ClusterPool {
  readonly major: number;
  /** Waits until a cluster is free. */
  with<T>(work: (cluster: CorpusCluster) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

export async function startClusterPool(size: number, binDir?: string): Promise<ClusterPool> {
  const clusters = await Promise.all(
    Array.from({ length: size }, () => startCorpusCluster({ binDir })),
  );
  const free = [...clusters];
  const waiting: ((cluster: CorpusCluster) => void)[] = [];
  return {
    major: clusters[0]?.major ?? 0,
    async with(work) {
      const cluster =
        free.pop() ?? (await new Promise<CorpusCluster>((resolve) => waiting.push(resolve)));
      try {
        return await work(cluster);
      } finally {
        const next = waiting.shift();
        if (next === undefined) free.push(cluster);
        else next(cluster);
      }
    },
    async stop() {
      await Promise.all(clusters.map((cluster) => cluster.stop()));
    },
  };
}
