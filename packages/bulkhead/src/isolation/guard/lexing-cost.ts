/**
 * Finds texts that PostgreSQL's lexer reads in quadratic time.
 *
 * The lexer takes a run of operator characters whole and then gives back all but its first token: at
 * each comment that opens within the run (slash and star, again and again) and at each trailing sign
 * (`+++…`). So 24 kB of such a run cost a second, here on the event loop and again in the server, and
 * one megabyte would cost half an hour. No statement that means something comes near these bounds.
 */

const OPENINGS_MAX = 64;
const PLUSES_MAX = 256;

const SLASH = 47;
const STAR = 42;
const PLUS = 43;
const MINUS = 45;

const operatorCharacters: ReadonlySet<number> = new Set(
  [...'~!@#^&|`?+-*/%<>='].map((character) => character.charCodeAt(0)),
);

/** One pass, whatever the text: literals and comments are not told apart, since that is the lexer's part. */
export function lexesInQuadraticTime(sql: string): boolean {
  let openings = 0;
  let pluses = 0;
  let previous = 0;
  for (let i = 0; i < sql.length; i += 1) {
    const code = sql.charCodeAt(i);
    if (!operatorCharacters.has(code)) {
      openings = 0;
      pluses = 0;
    } else if (code === STAR && previous === SLASH) {
      openings += 1;
      pluses = 0;
      if (openings > OPENINGS_MAX) return true;
    } else if (code === PLUS) {
      pluses += 1;
      if (pluses > PLUSES_MAX) return true;
    } else if (code !== MINUS || previous === MINUS) {
      // Two minus signs begin a comment, which is read at once to the end of its line.
      pluses = 0;
    }
    previous = code;
  }
  return false;
}
