/** RFC 6962 by the browser's own SHA-256: from an entry's bytes and the neighbours' hashes to the root. */
import type { EventProof } from '../../api/shapes.ts';
import { sidesOf } from '../../charts/merkle-path.tsx';

/** @returns the root in base64, whatever the proof claims it to be */
export async function recomputeRoot(proof: EventProof['proof']): Promise<string> {
  let hash = await sha256(0, bytesOf(proof.entry));
  const sides = sidesOf(proof.leafIndex, proof.treeSize, proof.hashes.length);
  for (const [level, neighbour] of proof.hashes.entries()) {
    const other = bytesOf(neighbour);
    hash = sides[level] === 'left' ? await sha256(1, other, hash) : await sha256(1, hash, other);
  }
  return btoa(String.fromCharCode(...hash));
}

const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

async function sha256(prefix: number, ...parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const text = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0));
  text[0] = prefix;
  let at = 1;
  for (const part of parts) {
    text.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', text));
}
