/** The forms in which a proof can be said. */
export const formats = ['text', 'json', 'sarif', 'intoto'] as const;
export type Format = (typeof formats)[number];
