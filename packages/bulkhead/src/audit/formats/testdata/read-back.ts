/** Readers of CSV, CEF and RFC 5424 by their documents and nothing else, so that tests read what was written. */

/** RFC 4180: every record's cells. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let cells: string[] = [];
  for (const [, quoted = '', end] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/gy)) {
    cells.push(quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(cells);
    cells = [];
  }
  return rows;
}

/** Header fields and extension of one CEF line. */
export function readCef(line: string): { header: string[]; extension: Record<string, string> } {
  const parts = /^((?:[^\\|]|\\[\\|])*\|){7}/.exec(line)?.[0] ?? '';
  const header = [...parts.matchAll(/((?:[^\\|]|\\[\\|])*)\|/g)].map(([, field = '']) =>
    field.replaceAll(/\\([\\|])/g, '$1'),
  );
  const extension: Record<string, string> = {};
  // A key is what stands before an equals sign that no backslash escapes.
  const pairs = line.slice(parts.length).matchAll(/(\w+)=((?:[^\\=]|\\[\\=nr])*?)(?= \w+=|$)/g);
  for (const [, key = '', value = ''] of pairs) {
    extension[key] = value.replaceAll(/\\(.)/g, (_, escaped: string) => {
      if (escaped === 'n') return '\n';
      return escaped === 'r' ? '\r' : escaped;
    });
  }
  return { header, extension };
}

export interface SyslogMessage {
  readonly priority: number;
  readonly time: string;
  readonly hostname: string;
  readonly messageId: string;
  readonly elements: Record<string, [name: string, value: string][]>;
  readonly message: string;
}

/** One message by the grammar of RFC 5424 section 6. */
export function readSyslog(line: string): SyslogMessage | undefined {
  const header =
    /^<(\d{1,3})>1 (\S+) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) /;
  const [matched, priority, time = '', hostname = '', , , messageId = ''] = header.exec(line) ?? [];
  if (matched === undefined) return undefined;
  const elements: SyslogMessage['elements'] = {};
  let at = matched.length;
  const element =
    /\[([\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32})((?: [^ =\]"]{1,32}="(?:[^"\\\]]|\\.)*")*)\]/y;
  for (element.lastIndex = at; ; ) {
    const [whole, id = '', parameters = ''] = element.exec(line) ?? [];
    if (whole === undefined) break;
    at += whole.length;
    elements[id] = [...parameters.matchAll(/ ([^ =\]"]+)="((?:[^"\\\]]|\\.)*)"/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll(/\\(["\\\]])/g, '$1')],
    );
  }
  const rest = line.slice(at);
  if (!rest.startsWith(' \ufeff')) return undefined;
  return {
    priority: Number(priority),
    time,
    hostname,
    messageId,
    elements,
    message: rest.slice(2),
  };
}
