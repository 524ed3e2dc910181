/** What one seeded organization is made of. The words of two organizations never coincide, so a leak shows. */

export interface SeedPerson {
  readonly name: string;
  readonly login: string;
  readonly title: string;
}

export interface SeedProject {
  readonly code: string;
  readonly name: string;
  readonly summary: string;
  readonly status: 'active' | 'paused' | 'done';
}

export interface SeedNote {
  readonly title: string;
  /** `{place}` is replaced, so that one subject makes several distinct notes. */
  readonly body: string;
}

export interface SeedOrganization {
  readonly slug: string;
  readonly name: string;
  readonly domain: string;
  /** In upper case in project codes, invoice numbers and the reference that ends each note's body. */
  readonly mark: string;
  /** The first eight hexadecimal digits of every id of this organization. */
  readonly idPrefix: string;
  readonly people: readonly SeedPerson[];
  readonly projects: readonly SeedProject[];
  readonly places: readonly string[];
  readonly notes: readonly SeedNote[];
  readonly comments: readonly string[];
  readonly customers: readonly string[];
  readonly items: readonly { readonly description: string; readonly unitCents: number }[];
}
