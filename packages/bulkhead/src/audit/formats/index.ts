/** The formats by name. */
import { auditError } from '../errors.ts';
import { cef } from './cef.ts';
import { csv } from './csv.ts';
import { ecs } from './ecs.ts';
import { type EventFormat, type FormatName, formatNames } from './event-format.ts';
import { ndjson } from './ndjson.ts';
import { ocsf } from './ocsf.ts';
import { type SyslogOptions, syslog } from './syslog.ts';

export { type EventFormat, type FormatName, formatNames, typedId } from './event-format.ts';

export interface FormatOptions extends SyslogOptions {
  /** Of Bulkhead, as SIEMs are told it. */
  readonly version: string;
}

/** @throws `audit.filter_invalid` */
export function eventFormat(name: FormatName, options: FormatOptions): EventFormat {
  switch (name) {
    case 'ndjson':
      return ndjson;
    case 'csv':
      return csv;
    case 'ocsf':
      return ocsf(options.version);
    case 'ecs':
      return ecs;
    case 'cef':
      return cef(options.version);
    case 'rfc5424':
      return syslog(options.version, options);
    default:
      throw auditError('audit.filter_invalid', {
        message: `There is no such format; there are ${formatNames.join(', ')}.`,
      });
  }
}
