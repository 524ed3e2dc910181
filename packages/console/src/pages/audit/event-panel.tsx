/** One event: what, who, where, what it changed, and its proof as a path with the words for a lawyer. */
import { useQuery } from '@tanstack/react-query';
import { questions } from '../../api/queries.ts';
import { isApiError } from '../../api/request.ts';
import type { AuditEvent, Named } from '../../api/shapes.ts';
import { Button } from '../../parts/button.tsx';
import { CodeBlock, Id } from '../../parts/copy.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Facts, Part, SidePanel } from '../../parts/side-panel.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { Failure, Loading } from '../../parts/states.tsx';
import { usePainted } from '../../parts/use-painted.ts';
import css from './audit.module.css';
import { Diff } from './diff.tsx';
import { EventProof } from './event-proof.tsx';
import { nameOf } from './say-event.ts';

export interface EventPanelProps {
  readonly tenant: string;
  readonly id: string;
  readonly known: AuditEvent | undefined;
  readonly onClose: () => void;
  readonly onFilter: (filter: { actor?: string[]; target?: string[]; action?: string[] }) => void;
}

const outcomes = {
  success: ['proven', 'done'],
  failure: ['attention', 'failed'],
  denied: ['attention', 'denied'],
} as const;

export function EventPanel({ tenant, id, known, onClose, onFilter }: EventPanelProps) {
  const asked = useQuery({ ...questions.event(tenant, id), enabled: known === undefined });
  const event = known ?? asked.data;
  return (
    <SidePanel title={event?.action ?? 'Event'} label="Event" onClose={onClose}>
      {asked.isError && <Failure error={asked.error} />}
      {event === undefined ? (
        asked.isError || <Loading what="the event" rows={5} />
      ) : (
        <Event key={event.id} event={event} tenant={tenant} onFilter={onFilter} />
      )}
    </SidePanel>
  );
}

function Event({
  event,
  tenant,
  onFilter,
}: {
  readonly event: AuditEvent;
  readonly tenant: string;
  readonly onFilter: EventPanelProps['onFilter'];
}) {
  const [state, word] = outcomes[event.outcome];
  const place = [event.location?.city, event.location?.region, event.location?.country]
    .filter(Boolean)
    .join(', ');
  const closed = Object.entries(event.closed ?? {});
  return (
    <>
      <Facts
        items={[
          ['Outcome', <StateMark key="outcome" state={state} word={word} />],
          ['When', <Moment key="when" at={event.time} exact />],
          [
            'Who',
            <Pressable
              key="who"
              named={event.actor}
              onPress={() => onFilter({ actor: [`${event.actor.type}:${event.actor.id}`] })}
            />,
          ],
          event.targets.length > 0 && [
            'To what',
            <span key="targets">
              {event.targets.map((target) => (
                <Pressable
                  key={`${target.type}:${target.id}`}
                  named={target}
                  onPress={() => onFilter({ target: [`${target.type}:${target.id}`] })}
                />
              ))}
            </span>,
          ],
          event.reason !== undefined && ['Reason', event.reason],
          event.ip !== undefined && ['From', `${event.ip}${place === '' ? '' : `, ${place}`}`],
          event.userAgent !== undefined && [
            'With',
            <span key="agent" className="small">
              {event.userAgent}
            </span>,
          ],
          event.requestId !== undefined && [
            'Request',
            <Id key="request" value={event.requestId} of="request id" length={20} />,
          ],
          ['Event', <Id key="event" value={event.id} of="event id" />],
        ]}
      />
      {closed.length > 0 && (
        <p className="soft">
          {closed
            .map(
              ([path, why]) =>
                `${path.slice(1)} is ${why === 'erased' ? 'erased: its key is gone for ever, the proof below still holds' : 'sealed for this reader'}`,
            )
            .join('; ')}
          .
        </p>
      )}
      {(event.before !== undefined || event.after !== undefined) && (
        <Part title="What it changed">
          <Diff before={event.before} after={event.after} />
        </Part>
      )}
      {event.metadata !== undefined && Object.keys(event.metadata).length > 0 && (
        <CodeBlock label="Metadata" text={JSON.stringify(event.metadata, null, 2)} />
      )}
      <Part title="Its proof">
        <ProofOf tenant={tenant} event={event} />
      </Part>
    </>
  );
}

function ProofOf({ tenant, event }: { readonly tenant: string; readonly event: AuditEvent }) {
  const proof = useQuery({ ...questions.eventProof(tenant, event.id), retry: false });
  // The event is read first.
  const isRead = usePainted();
  if (proof.isPending || !isRead) return <Loading what="the proof" rows={4} />;
  if (proof.isError) {
    if (!isApiError(proof.error) || proof.error.problem.code !== 'audit.leaf_absent')
      return <Failure error={proof.error} retry={() => void proof.refetch()} />;
    return (
      <div className={css.lawyer}>
        <p>The next signed checkpoint will cover this event; that takes about a second.</p>
        <span>
          <Button onClick={() => void proof.refetch()}>Look again</Button>
        </span>
      </div>
    );
  }
  return <EventProof proof={proof.data} event={event} />;
}

function Pressable({ named, onPress }: { readonly named: Named; readonly onPress: () => void }) {
  return (
    <Button look="text" onClick={onPress} title={`Only events of ${named.type}:${named.id}`}>
      {nameOf(named)}
    </Button>
  );
}
