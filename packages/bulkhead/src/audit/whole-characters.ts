/** True for a text of whole Unicode characters: one that has a UTF-8, without half of a surrogate pair. */
export function hasWholeCharacters(text: string): boolean {
  // Node has it since version 20; the library of ES2023 does not list it yet.
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

/** The text with U+FFFD for what PostgreSQL or UTF-8 cannot hold, cut to a length; for what clients sent. */
export function wholeCharacters(text: string, lengthMax: number): string {
  const whole = (text as unknown as { toWellFormed(): string }).toWellFormed();
  const clean = whole.replaceAll('\0', '\ufffd');
  if (clean.length <= lengthMax) return clean;
  const cut = clean.slice(0, lengthMax);
  // A pair that the cut went through loses its first half too.
  return hasWholeCharacters(cut) ? cut : cut.slice(0, -1);
}
