/** An event as a sentence: "Ada Lovelace changed note 42". What is not known by name is named by its id. */
import type { AuditEvent, Named } from '../../api/shapes.ts';

export const nameOf = ({ type, id, name }: Named): string =>
  name ?? `${type.replaceAll('_', ' ')} ${id.length > 12 ? `${id.slice(0, 8)}…` : id}`;

export function sayEvent(event: AuditEvent): string {
  const [target] = event.targets;
  const who = nameOf(event.actor);
  const verb = event.action.replaceAll('_', ' ').replaceAll('.', ' ');
  const what = target === undefined ? '' : `: ${nameOf(target)}`;
  const failed =
    event.outcome === 'success' || event.action.endsWith('denied')
      ? ''
      : event.outcome === 'denied'
        ? ', denied'
        : ', failed';
  return `${who} · ${verb}${what}${failed}`;
}
