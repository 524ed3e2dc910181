/**
 * Syslog by RFC 5424, one message a line (frame them by octet counting, RFC 6587, on the wire).
 *
 * Promises: values of structured data are escaped (section 6.3.3), header fields are printable ASCII within
 * their lengths, the message is UTF-8 behind a BOM (section 6.4). RFC 5424 cannot say a control character in a
 * line of text: they are written as their pictures (U+2400 and on), so that nobody forges a second message.
 */
import { canonicalJson } from '../canonical-json.ts';
import type { AuditEvent, Outcome } from '../event.ts';
import {
  closedFields,
  describeEvent,
  type EventFormat,
  pictured,
  typedId,
} from './event-format.ts';

const FACILITY_AUDIT = 13;
/** Section 6.2.1: 4 warning, 5 notice, 6 informational. */
const SEVERITY: Readonly<Record<Outcome, number>> = { success: 6, failure: 5, denied: 4 };

/**
 * The private enterprise number that names our structured data. 32473 is the one for documentation
 * (RFC 5612): whoever has a number of their own gives it.
 */
export const ENTERPRISE_EXAMPLE = 32473;

export interface SyslogOptions {
  /** HOSTNAME: the host that the events come from; `-` when unknown. */
  readonly hostname?: string;
  readonly enterpriseNumber?: number;
}

export const syslog = (version: string, options: SyslogOptions = {}): EventFormat => {
  const hostname = headerField(options.hostname ?? '-', 255);
  const enterprise = options.enterpriseNumber ?? ENTERPRISE_EXAMPLE;
  return {
    mediaType: 'text/plain; charset=utf-8',
    extension: 'log',
    head: '',
    write: (event) => {
      const priority = FACILITY_AUDIT * 8 + SEVERITY[event.outcome];
      const header = `<${priority}>1 ${event.time} ${hostname} bulkhead - ${headerField(event.action, 32)}`;
      const origin = element('origin', [
        ['software', 'bulkhead'],
        ['swVersion', version],
        ...(event.ip === undefined ? [] : ([['ip', event.ip]] as const)),
      ]);
      const own = element(`audit@${enterprise}`, parametersOf(event));
      return `${header} ${origin}${own} \ufeff${pictured(describeEvent(event))}\n`;
    },
  };
};

type Parameter = readonly [name: string, value: string | number | undefined];

/** A name may come again (section 6.3.3 has `ip` twice), and so one parameter stands for one target. */
function parametersOf(event: AuditEvent): Parameter[] {
  return [
    ['id', event.id],
    ['tenant', event.tenant],
    ['class', event.class],
    ['leafIndex', event.leafIndex],
    ['recorded', event.recorded],
    ['source', event.source],
    ['action', event.action],
    ['outcome', event.outcome],
    ['actor', typedId(event.actor)],
    ['actorName', event.actor.name],
    ...event.targets.flatMap((target): Parameter[] => [
      ['target', typedId(target)],
      ['targetName', target.name],
    ]),
    ['userAgent', event.userAgent],
    ['country', event.location?.country],
    ['region', event.location?.region],
    ['city', event.location?.city],
    ['requestId', event.requestId],
    ['sessionId', event.sessionId],
    ['reason', event.reason],
    ['metadata', event.metadata && canonicalJson(event.metadata)],
    ['before', event.before && canonicalJson(event.before)],
    ['after', event.after && canonicalJson(event.after)],
    ['closed', closedFields(event).join(' ') || undefined],
  ];
}

function element(id: string, parameters: readonly Parameter[]): string {
  const written = parameters.flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${escapeValue(String(value))}"`],
  );
  return `[${id}${written.join('')}]`;
}

const escapeValue = (text: string): string =>
  pictured(text.replaceAll(/["\\\]]/g, (found) => `\\${found}`));

/** PRINTUSASCII, and `-` for nothing. */
function headerField(text: string, lengthMax: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, lengthMax) || '-';
}
