/** Every way that runs, in the order of the tables. */
import type { Way, WayOptions } from '../way.ts';
import { openBulkhead } from './bulkhead.ts';
import { openDrizzleProtected, openDrizzleUsual } from './drizzle.ts';
import { openFourRoundTrips } from './four-round-trips.ts';
import { openKyselyProtected, openKyselyUsual } from './kysely.ts';
import { openPlainSetting } from './plain-setting.ts';
import { openPrismaProtected, openPrismaUsual } from './prisma.ts';
import { openUnscoped } from './unscoped.ts';

export const CEILING = 'ceiling';
const IN_FLIGHT_MAX = 8;

/** Several groups in flight pay where one tenant has more callers than the pool has connections. */
const inFlight = { inFlightMax: IN_FLIGHT_MAX, prepareStatements: true };
const oneAtATime = { inFlightMax: 1, prepareStatements: true };

export function openWays(options: WayOptions): Way[] {
  // Behind a pooler a name may be somebody else's: what differs only in names is left out there.
  const named = !options.pooled;
  return [
    openUnscoped(options, CEILING, 'plain pg, WHERE by hand: the ceiling', false),
    ...(named ? [openUnscoped(options, 'ceiling-named', '  as named statements', true)] : []),
    openBulkhead(options, { key: 'bulkhead', label: 'Bulkhead', ...oneAtATime }),
    ...(named
      ? [
          openBulkhead(options, {
            key: 'bulkhead-unprepared',
            label: '  with prepareStatements: false',
            inFlightMax: 1,
            prepareStatements: false,
          }),
        ]
      : []),
    openBulkhead(options, {
      key: 'bulkhead-in-flight',
      label: `  ${IN_FLIGHT_MAX} in flight, one tenant`,
      oneTenant: true,
      ...inFlight,
    }),
    openBulkhead(options, {
      key: 'bulkhead-in-flight-mixed',
      label: `  ${IN_FLIGHT_MAX} in flight, mixed tenants`,
      ...inFlight,
    }),
    openPlainSetting(options, { key: 'plain', label: 'unsigned, same frame', inFlightMax: 1 }),
    openPlainSetting(options, {
      key: 'plain-in-flight',
      label: `  ${IN_FLIGHT_MAX} in flight, one tenant`,
      oneTenant: true,
      inFlightMax: IN_FLIGHT_MAX,
    }),
    openFourRoundTrips(options),
    openDrizzleUsual(options),
    openDrizzleProtected(options),
    openKyselyUsual(options),
    openKyselyProtected(options),
    openPrismaUsual(options),
    openPrismaProtected(options),
  ];
}
