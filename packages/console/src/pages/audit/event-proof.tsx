/** The proof, drawn and said. The browser recomputes the path itself: the console's word isn't what counts. */
import { useEffect, useState } from 'react';
import type { AuditEvent, EventProof as Proof } from '../../api/shapes.ts';
import { hex, MerklePath } from '../../charts/merkle-path.tsx';
import { Button } from '../../parts/button.tsx';
import { CodeBlock, Id, save } from '../../parts/copy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { count } from '../../parts/time.ts';
import css from './audit.module.css';
import { recomputeRoot } from './recompute-root.ts';

export function EventProof({
  proof,
  event,
}: {
  readonly proof: Proof;
  readonly event: AuditEvent;
}) {
  const [isSame, setSame] = useState<boolean>();
  useEffect(() => {
    let isCurrent = true;
    recomputeRoot(proof.proof).then(
      (root) => isCurrent && setSame(root === proof.proof.rootHash),
      () => isCurrent && setSame(undefined),
    );
    return () => {
      isCurrent = false;
    };
  }, [proof]);
  const { leafIndex, treeSize, hashes } = proof.proof;
  const number = (leafIndex + 1).toLocaleString('en');
  return (
    <div className={css.tablet}>
      <StateMark
        state={isSame === undefined ? 'unknown' : isSame ? 'proven' : 'breach'}
        word={
          isSame === undefined
            ? 'Recomputing in this browser …'
            : isSame
              ? 'Recomputed in this browser: the root is the signed one'
              : 'The path does not lead to the signed root'
        }
      />
      <MerklePath {...proof.proof} />
      <div className={css.lawyer}>
        <p>
          This event is number {number} of the {count(treeSize, 'event')} that the log had when its
          keeper signed it <Moment at={proof.signedAt} />. The{' '}
          {count(hashes.length, 'hash', 'hashes')} above lead from its text to the signed value{' '}
          <code>{hex(proof.proof.rootHash).slice(0, 16)}…</code>.
        </p>
        <p>
          Had a letter of it been changed, a single event been removed before it, or one slipped in,
          the path would lead elsewhere and the signature would not fit. Anybody can check this with{' '}
          <code>bulkhead-verify</code> and the log’s public key, without asking us.
        </p>
      </div>
      <p>
        <span className="faint">Root</span>{' '}
        <Id value={hex(proof.proof.rootHash)} of="root hash" length={32} />
      </p>
      <CodeBlock label="Signed checkpoint" text={proof.checkpoint} />
      <div>
        <Button
          icon="download"
          onClick={() => save(JSON.stringify(proof, null, 2), `proof-${event.id}.json`)}
        >
          Download the proof
        </Button>
      </div>
    </div>
  );
}
