/**
 * Cuts a script at the semicolons that stand outside quotes, dollar quotes and comments. Bodies of the
 * form BEGIN ATOMIC are not understood: no block of the corpus holds one.
 */
const PIECES = /\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|;|[^;'"$-]+|[\s\S]/g;

export function splitStatements(script: string): string[] {
  const statements: string[] = [];
  let current = '';
  for (const [piece] of script.matchAll(PIECES)) {
    if (piece !== ';') {
      current += piece;
      continue;
    }
    statements.push(current.trim());
    current = '';
  }
  return [...statements, current.trim()].filter((statement) => statement !== '');
}
