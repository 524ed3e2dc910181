/**
 * An inclusion proof as C2SP tlog-proof@v1: a text with the entry and the signed checkpoint in it, so that it
 * needs nothing else.
 */
import type { ProvenInclusion } from './prove-log.ts';

export function writeProof({ proof, checkpoint }: ProvenInclusion): string {
  const { entry, leafIndex, hashes } = proof;
  const lines = ['c2sp.org/tlog-proof@v1', `extra ${entry}`, `index ${leafIndex}`, ...hashes];
  return `${lines.join('\n')}\n\n${checkpoint}`;
}
