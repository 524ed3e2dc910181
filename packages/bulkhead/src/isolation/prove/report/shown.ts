/**
 * Names and SQL from the database as a terminal may show them.
 *
 * Promises: nothing a table was named can steer the terminal, hide a line or pass for another table: control
 * and invisible characters are spelled out, and a name that holds letters beyond ASCII says which.
 */

// Line breaks and tabs are for SQL; a name holding one is shown escaped by `shownName`.
const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

export function shownSql(sql: string): string {
  return sql.replace(STEERING, (character) =>
    character === '\n' || character === '\t' ? character : spelled(character),
  );
}

/** One line, whatever it held. */
export function shownLine(text: string): string {
  return text.replace(STEERING, spelled);
}

/** `public.us​ers` and `public.usеrs` look like `public.users`; their code points do not. */
export function shownName(name: string): string {
  const foreign = [...new Set(name.match(/[^\x20-\x7e]/gu) ?? [])].filter(
    (character) => !character.match(STEERING),
  );
  const plain = shownLine(name);
  if (foreign.length === 0) return plain;
  return `${plain} (${foreign.slice(0, 4).map(codePoint).join(' ')}${foreign.length > 4 ? ' …' : ''})`;
}

/** Wrapped to the terminal at spaces, every line indented. */
export function wrapped(text: string, columns: number, indent: string): string {
  const room = Math.max(20, columns - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of shownLine(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one) => `${indent}${one}`).join('\n');
}

export function indented(sql: string, indent: string): string {
  return shownSql(sql.trim())
    .split('\n')
    .map((line) => `${indent}${line}`)
    .join('\n');
}

function spelled(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
