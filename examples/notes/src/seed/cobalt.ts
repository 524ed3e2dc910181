import type { SeedOrganization } from './organization.ts';

/** An architects' studio. */
export const cobalt: SeedOrganization = {
  slug: 'cobalt',
  name: 'Cobalt Architects',
  domain: 'cobalt.example',
  mark: 'COBALT',
  idPrefix: 'c0ba0003',
  people: [
    { name: 'Leila Haddad', login: 'leila', title: 'Partner' },
    { name: 'Jonas Vries', login: 'jonas', title: 'Project architect' },
    { name: 'Sofia Marchetti', login: 'sofia', title: 'Interiors' },
    { name: 'Dele Adeyemi', login: 'dele', title: 'Structural liaison' },
    { name: 'Hanne Kruse', login: 'hanne', title: 'Studio manager' },
  ],
  projects: [
    {
      code: 'COBALT-LIBRARY',
      name: 'Town library, Eskdale',
      status: 'active',
      summary: 'A reading room under a timber roof, where the swimming pool was.',
    },
    {
      code: 'COBALT-SCHOOL',
      name: 'Primary school extension',
      status: 'active',
      summary: 'Four classrooms, one staircase, finished before September.',
    },
    {
      code: 'COBALT-MILL',
      name: 'Mill conversion',
      status: 'active',
      summary: 'Twenty-two flats in a listed mill, and a river that floods.',
    },
    {
      code: 'COBALT-CHAPEL',
      name: 'Chapel of rest',
      status: 'active',
      summary: 'A quiet room, a brick wall, and light from one side.',
    },
    {
      code: 'COBALT-TOWER',
      name: 'Competition: harbour tower',
      status: 'paused',
      summary: 'Second stage, jury postponed until there is a mayor.',
    },
    {
      code: 'COBALT-HOUSE',
      name: 'House for two cellists',
      status: 'done',
      summary: 'They can no longer hear each other practise.',
    },
  ],
  places: [
    'the north elevation',
    'level 2',
    'the reading room',
    'stair core A',
    'the courtyard',
    'drawing 204',
  ],
  notes: [
    {
      title: 'Planning officer, on the phone',
      body: 'She accepts the ridge height of {place} if the windows step back half a metre. It improves the drawing, so say yes slowly. Written confirmation by Friday.',
    },
    {
      title: 'Glulam sizes came back',
      body: 'Dele’s sums for {place} give 400 by 140, not 360. Ceiling drops by a hand. Either we lose the shadow gap or the ducts move to the wall.',
    },
    {
      title: 'Fire strategy changes the door',
      body: 'The escape from {place} needs 1050 clear, we drew 950. One brick narrower next to it and no one will notice except the mason.',
    },
    {
      title: 'Acoustics of a hard room',
      body: 'Reverberation in {place} came out at 1.9 seconds. Felt behind the slats brings 0.9 and costs less than the acoustic plaster the client saw in a magazine.',
    },
    {
      title: 'Brick samples on site',
      body: 'Laid six panels by {place}. The dark one looks like wet cardboard in rain; the handmade one with lime mortar wins. Lead time fourteen weeks, order now.',
    },
    {
      title: 'Snagging list, the honest version',
      body: 'Forty-one items at {place}, thirty are paint. Three matter: the threshold, the handrail bracket, the drain that runs uphill. Those get photographs.',
    },
    {
      title: 'The client changed the brief',
      body: 'They want {place} to be bookable for weddings. That is a second exit, more toilets and a different ventilation. Fee letter before the sketch this time.',
    },
    {
      title: 'River level and the sockets',
      body: 'The flood model puts water 300 above {place} once in a century. Sockets at 900, stone to the sill, a door that can come off its hinges.',
    },
  ],
  comments: [
    'The mason says 215 will do, if the soldier course stays.',
    'Revised in the model, sheet issued as revision C.',
    'Photographs are in the snagging folder.',
    'This needs a partner’s signature before the fee letter goes.',
    'The felt supplier has a sample library, shall I book us in?',
    'Structure agrees. Services does not, yet.',
    'The extra site visit is to be billed as agreed.',
  ],
  customers: [
    'Eskdale Council',
    'St Brannoc Trust',
    'Weir Mill Homes',
    'Larkhill Primary School',
    'Quayside Development',
  ],
  items: [
    { description: 'Stage 3 design, fixed fee', unitCents: 1_240_000 },
    { description: 'Site visit with minutes', unitCents: 62_000 },
    { description: 'Planning drawings, set', unitCents: 318_000 },
    { description: 'Model 1:50, limewood', unitCents: 145_000 },
    { description: 'Acoustic study', unitCents: 97_500 },
    { description: 'Interior schedule, floor', unitCents: 54_000 },
  ],
};
