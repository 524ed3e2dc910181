/** One object as a story: what can be read, the SQL that does it, and the fix. */
import type { Finding, ProvedObject } from '../../api/shapes.ts';
import { CodeBlock } from '../../parts/copy.tsx';
import { SidePanel } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import css from './object-panel.module.css';
import { stateOf, wordOf } from './verdicts.ts';

export interface ObjectPanelProps {
  readonly object: ProvedObject;
  readonly role: string;
  readonly onClose: () => void;
}

export function ObjectPanel({ object, role, onClose }: ObjectPanelProps) {
  return (
    <SidePanel
      title={<span className="mono">{object.object}</span>}
      label={object.object}
      onClose={onClose}
    >
      <p>
        <StateMark
          state={stateOf(object.verdict)}
          word={`${object.type.replace('-', ' ')}, ${wordOf(object.verdict)}`}
        />
      </p>
      {object.because !== null && <p className={css.because}>{object.because}</p>}
      {object.findings.map((finding) => (
        <Story
          key={`${finding.kind} ${finding.why}`}
          finding={finding}
          object={object}
          role={role}
        />
      ))}
    </SidePanel>
  );
}

function Story({
  finding,
  object,
  role,
}: {
  readonly finding: Finding;
  readonly object: ProvedObject;
  readonly role: string;
}) {
  return (
    <section className={css.story} data-severity={finding.severity}>
      <h3>{finding.why}</h3>
      <p className="soft">
        {finding.confirmed
          ? 'The prover ran it in a transaction that it rolled back, and saw a row of the other organization.'
          : 'Worked out from the catalog; it was not run.'}{' '}
        Severity: {finding.severity}. <code className="faint">{finding.kind}</code>
      </p>
      {finding.exploit !== null && (
        <CodeBlock label={`What ${role} can run to read it`} text={finding.exploit} />
      )}
      {finding.fix === null ? (
        <p className="soft">
          No statement closes this by itself: somebody must decide what is meant.
        </p>
      ) : (
        <CodeBlock
          label="What closes it"
          text={finding.fix}
          download={`fix-${object.object.replaceAll(/[^a-z0-9]+/gi, '-')}.sql`}
        />
      )}
    </section>
  );
}
