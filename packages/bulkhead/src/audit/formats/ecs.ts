/**
 * Elastic Common Schema, one document a line, for Elasticsearch and OpenSearch.
 *
 * Fields that ECS has stand where ECS wants them; everything else is under `bulkhead`, which it leaves to us.
 * Map `bulkhead.metadata`, `bulkhead.before` and `bulkhead.after` as `flattened`: their keys are your users'.
 */
import { canonicalJson } from '../canonical-json.ts';
import type { AuditEvent, Outcome } from '../event.ts';
import { describeEvent, type EventFormat, PRODUCT } from './event-format.ts';
import { type Theme, themeOf, verbOf } from './theme.ts';

const ECS_VERSION = '8.17.0';

/** ECS knows no refusal as an outcome: that is a failure whose type is `denied`. */
const OUTCOME: Readonly<Record<Outcome, string>> = {
  success: 'success',
  failure: 'failure',
  denied: 'failure',
};

/** Allowed values of event.category. */
const CATEGORY: Readonly<Record<Theme, readonly string[]>> = {
  authentication: ['authentication', 'session'],
  account: ['iam'],
  access: ['iam'],
  other: ['configuration'],
};

export const ecs: EventFormat = {
  mediaType: 'application/x-ndjson',
  extension: 'ecs.ndjson',
  head: '',
  write: (event) => `${canonicalJson(ecsDocument(event))}\n`,
};

export function ecsDocument(event: AuditEvent): object {
  const person = event.targets.find(({ type }) => type === 'user');
  const { location } = event;
  return {
    '@timestamp': event.time,
    ecs: { version: ECS_VERSION },
    message: describeEvent(event),
    event: {
      id: event.id,
      kind: 'event',
      category: CATEGORY[themeOf(event)],
      type: typesOf(event),
      action: event.action,
      outcome: OUTCOME[event.outcome],
      created: event.recorded,
      sequence: event.leafIndex,
      dataset: 'bulkhead.audit',
      module: 'bulkhead',
      provider: PRODUCT.name,
      reason: event.reason,
    },
    organization: { id: event.tenant },
    user: {
      id: event.actor.id,
      name: event.actor.name,
      target: person && { id: person.id, name: person.name },
    },
    source: event.ip === undefined ? undefined : { ip: event.ip, address: event.ip, geo: geo() },
    user_agent: event.userAgent === undefined ? undefined : { original: event.userAgent },
    http: event.requestId === undefined ? undefined : { request: { id: event.requestId } },
    related: {
      user: related(event),
      ip: event.ip === undefined ? undefined : [event.ip],
    },
    bulkhead: {
      class: event.class,
      source: event.source,
      outcome: event.outcome,
      actor: { type: event.actor.type },
      targets: event.targets,
      session_id: event.sessionId,
      claimed_time: event.claimedTime,
      metadata: event.metadata,
      before: event.before,
      after: event.after,
      location: event.ip === undefined ? location : undefined,
      closed: event.closed && Object.entries(event.closed).map(([path, why]) => ({ path, why })),
    },
  };

  function geo(): object | undefined {
    if (location === undefined) return undefined;
    const { latitude: lat, longitude: lon } = location;
    return {
      country_iso_code: location.country,
      region_name: location.region,
      city_name: location.city,
      location: lat === undefined || lon === undefined ? undefined : { lat, lon },
    };
  }
}

/** Everyone the event is about, under whatever name they are known: what analysts pivot on. */
function related(event: AuditEvent): string[] {
  const people = [event.actor, ...event.targets.filter(({ type }) => type === 'user')];
  const names = people.flatMap(({ id, name }) => (name === undefined ? [id] : [id, name]));
  return [...new Set(names)];
}

/** Allowed values of event.type. */
function typesOf(event: AuditEvent): string[] {
  const theme = themeOf(event);
  const verb = verbOf(event);
  const types: string[] = [];
  if (theme === 'authentication') {
    types.push(verb === 'logoff' ? 'end' : verb === 'logon' ? 'start' : 'info');
  } else {
    if (theme === 'account') types.push('user');
    if (theme === 'access') types.push('admin');
    const change = { create: 'creation', delete: 'deletion', read: 'access', update: 'change' };
    types.push(change[verb as keyof typeof change] ?? (theme === 'other' ? 'info' : 'change'));
  }
  if (event.outcome === 'denied') types.push('denied');
  return types;
}
