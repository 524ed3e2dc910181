/**
 * OCSF 1.5.0, one event a line: Account Change (3001), Authentication (3002), User Access Management (3005)
 * for what concerns accounts, and API Activity (6003) for everything else.
 *
 * Promises: what its class requires is there; enumerations hold values of the class or 99, Other. What OCSF has
 * no attribute for is in `unmapped`, so that nothing is lost on the way.
 */
import { canonicalJson } from '../canonical-json.ts';
import type { AuditEvent, AuditTarget, Outcome } from '../event.ts';
import { describeEvent, type EventFormat, PRODUCT, typedId } from './event-format.ts';
import { type Theme, themeOf, type Verb, verbOf } from './theme.ts';

const OCSF_VERSION = '1.5.0';
const OTHER = 99;

interface OcsfClass {
  readonly uid: number;
  readonly name: string;
  readonly category: readonly [uid: number, name: string];
  readonly activities: Partial<Readonly<Record<Verb, readonly [id: number, name: string]>>>;
}

const IAM = [3, 'Identity & Access Management'] as const;
const APPLICATION = [6, 'Application Activity'] as const;

const CLASSES: Readonly<Record<Theme, OcsfClass>> = {
  account: {
    uid: 3001,
    name: 'Account Change',
    category: IAM,
    activities: {
      create: [1, 'Create'],
      enable: [2, 'Enable'],
      password_change: [3, 'Password Change'],
      password_reset: [4, 'Password Reset'],
      disable: [5, 'Disable'],
      delete: [6, 'Delete'],
      lock: [9, 'Lock'],
      mfa_enable: [10, 'MFA Factor Enable'],
      mfa_disable: [11, 'MFA Factor Disable'],
      unlock: [12, 'Unlock'],
    },
  },
  authentication: {
    uid: 3002,
    name: 'Authentication',
    category: IAM,
    activities: { logon: [1, 'Logon'], logoff: [2, 'Logoff'] },
  },
  access: {
    uid: 3005,
    name: 'User Access Management',
    category: IAM,
    activities: { assign: [1, 'Assign Privileges'], revoke: [2, 'Revoke Privileges'] },
  },
  other: {
    uid: 6003,
    name: 'API Activity',
    category: APPLICATION,
    activities: {
      create: [1, 'Create'],
      read: [2, 'Read'],
      update: [3, 'Update'],
      delete: [4, 'Delete'],
    },
  },
};

/** 1 Informational, 2 Low, 3 Medium. */
const SEVERITY: Readonly<Record<Outcome, readonly [id: number, name: string]>> = {
  success: [1, 'Informational'],
  failure: [2, 'Low'],
  denied: [3, 'Medium'],
};

export const ocsf = (version: string): EventFormat => ({
  mediaType: 'application/x-ndjson',
  extension: 'ocsf.ndjson',
  head: '',
  write: (event) => `${canonicalJson(ocsfEvent(event, version))}\n`,
});

export function ocsfEvent(event: AuditEvent, version: string): object {
  const theme = themeOf(event);
  const { uid, name, category, activities } = CLASSES[theme];
  const verb = verbOf(event);
  const known = activities[verb];
  const [activityId, activityName] = known ?? [OTHER, event.action];
  const [severityId, severity] = SEVERITY[event.outcome];
  return {
    activity_id: activityId,
    activity_name: activityName,
    category_uid: category[0],
    category_name: category[1],
    class_uid: uid,
    class_name: name,
    type_uid: uid * 100 + activityId,
    type_name: `${name}: ${known === undefined ? 'Other' : activityName}`,
    severity_id: severityId,
    severity,
    status_id: event.outcome === 'success' ? 1 : 2,
    status: event.outcome === 'success' ? 'Success' : 'Failure',
    status_detail: event.reason,
    time: Date.parse(event.time),
    timezone_offset: 0,
    message: describeEvent(event),
    metadata: {
      version: OCSF_VERSION,
      product: { name: PRODUCT.name, vendor_name: PRODUCT.vendor, version },
      uid: event.id,
      event_code: event.action,
      tenant_uid: event.tenant,
      log_name: event.class,
      sequence: event.leafIndex,
      logged_time: Date.parse(event.recorded),
      original_time: event.claimedTime ?? event.time,
      correlation_uid: event.requestId,
    },
    actor: {
      user: userOf(event.actor),
      session: event.sessionId === undefined ? undefined : { uid: event.sessionId },
    },
    src_endpoint: endpointOf(event),
    http_request: event.userAgent === undefined ? undefined : { user_agent: event.userAgent },
    ...partsOf(theme, event),
    unmapped: {
      outcome: event.outcome,
      source: event.source,
      targets: event.targets,
      metadata: event.metadata,
      before: event.before,
      after: event.after,
      closed: event.closed,
    },
  };
}

/** What only one class has. */
function partsOf(theme: Theme, event: AuditEvent): object {
  const [first] = event.targets;
  const person = event.targets.find(({ type }) => type === 'user');
  switch (theme) {
    case 'authentication':
      return {
        user: userOf(person ?? event.actor),
        service: { name: PRODUCT.name },
        is_remote: event.ip === undefined ? undefined : true,
        session: event.sessionId === undefined ? undefined : { uid: event.sessionId },
      };
    case 'account':
      return { user: userOf(person ?? first ?? event.actor) };
    case 'access':
      return {
        user: userOf(person ?? first ?? event.actor),
        privileges: event.targets.filter((target) => target !== person).map(typedId),
      };
    case 'other':
      return {
        api: {
          operation: event.action,
          request: event.requestId === undefined ? undefined : { uid: event.requestId },
        },
        resources:
          event.targets.length === 0
            ? undefined
            : event.targets.map(({ type, id, name }) => ({ type, uid: id, name })),
      };
  }
}

/** 1 User, 3 System, 99 Other; the type in our words stands beside it. */
const USER_TYPES: Readonly<Record<string, readonly [id: number, name: string]>> = {
  user: [1, 'User'],
  operator: [2, 'Admin'],
  system: [3, 'System'],
};

function userOf({ type, id, name }: AuditTarget): object {
  const [typeId, typeName] = USER_TYPES[type] ?? [OTHER, type];
  return { uid: id, name, type_id: typeId, type: typeName };
}

/** API Activity demands an endpoint also of what came from no network. */
function endpointOf(event: AuditEvent): object {
  const { ip, location } = event;
  if (ip === undefined) return { svc_name: 'bulkhead' };
  const place = location && {
    country: location.country,
    region: location.region,
    city: location.city,
    lat: location.latitude,
    long: location.longitude,
  };
  const known = [location?.country, location?.region, location?.city].some(Boolean);
  return { ip, location: known ? place : undefined };
}
