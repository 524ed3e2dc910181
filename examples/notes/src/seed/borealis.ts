import type { SeedOrganization } from './organization.ts';

/** A coffee roaster. */
export const borealis: SeedOrganization = {
  slug: 'borealis',
  name: 'Borealis Coffee',
  domain: 'borealis.example',
  mark: 'BOREALIS',
  idPrefix: 'b0ea0002',
  people: [
    { name: 'Ingrid Solheim', login: 'ingrid', title: 'Head roaster' },
    { name: 'Mateus Carvalho', login: 'mateus', title: 'Green coffee buyer' },
    { name: 'Wren Ashdown', login: 'wren', title: 'Wholesale' },
    { name: 'Yuki Tanabe', login: 'yuki', title: 'Quality and cupping' },
    { name: 'Odd Haugen', login: 'odd', title: 'Accounts' },
  ],
  projects: [
    {
      code: 'BOREALIS-HARVEST',
      name: 'Huila harvest contracts',
      status: 'active',
      summary: 'Eleven farms, one price formula, paid before the boat leaves.',
    },
    {
      code: 'BOREALIS-DECAF',
      name: 'A decaf worth drinking',
      status: 'active',
      summary: 'Sugar-cane process, roasted lighter than anyone dares.',
    },
    {
      code: 'BOREALIS-CAFES',
      name: 'Café programme',
      status: 'active',
      summary: 'Grinders, training and beans for thirty cafés that pay on time.',
    },
    {
      code: 'BOREALIS-ROASTER',
      name: 'The second roaster',
      status: 'active',
      summary: 'Thirty kilos electric, if the landlord lets us have the amperage.',
    },
    {
      code: 'BOREALIS-TINS',
      name: 'Tins instead of bags',
      status: 'paused',
      summary: 'Lovely, and forty cents too expensive each.',
    },
    {
      code: 'BOREALIS-AIRPORT',
      name: 'Airport kiosk',
      status: 'done',
      summary: 'Closed after the summer; the lease was the problem, never the coffee.',
    },
  ],
  places: [
    'lot 7',
    'the Tromsø shop',
    'the Saturday cupping',
    'the sample roaster',
    'warehouse two',
    'the spring blend',
  ],
  notes: [
    {
      title: 'First crack came early',
      body: 'For {place} first crack came forty seconds early with the same charge temperature. Moisture was 9.8, not 11. Drop the charge by eight degrees and stop trusting the exporter’s sheet.',
    },
    {
      title: 'Cupping scores and second thoughts',
      body: 'We gave {place} an 87 and I would give it 85 today. Apricot and black tea hot, cardboard at room temperature. Re-cup after ten days of rest before we print the card.',
    },
    {
      title: 'Price talk with the cooperative',
      body: 'Mateus agreed a floor for {place} with a share of whatever the market does above it. They asked for half in advance; we can do forty percent when the parchment is weighed.',
    },
    {
      title: 'Grinder complaints, third this month',
      body: 'The burrs that came with {place} were seated wrong: a fingernail of play. Every barista adjusted the recipe instead of the grinder. Visit, shim, teach.',
    },
    {
      title: 'Stale bags on the shelf',
      body: 'Two cases at {place} were past eight weeks. Nobody rotates the top shelf. We buy them back and move the order to weekly; it costs less than the taste it left.',
    },
    {
      title: 'Electric roaster: heat at the end',
      body: 'Tried {place} on the electric demo. Clean cup, but no power left in the last minute, so it bakes. Start hotter and with less in the drum, or walk away.',
    },
    {
      title: 'Decaf blind against the usual',
      body: 'Eight people tasted {place} blind beside the decaf. Three got it right, which is less than guessing. Print that on the bag and nothing else.',
    },
    {
      title: 'Delivery round by bicycle',
      body: 'Wren rode the round for {place} in two hours ten, the van took two hours. With a trailer it holds sixty kilos. The bicycle does not get parking fines.',
    },
  ],
  comments: [
    'Cupped it again this morning: the cardboard is gone, the apricot stayed.',
    'The exporter sent a new moisture reading, still does not match ours.',
    'Please keep two hundred grams of this for the barista course.',
    'I can drive the burr shims over on Tuesday.',
    'They paid, by the way. On time, for once.',
    'Let us not write tasting notes after lunch any more.',
    'Do samples count as marketing? Asking for the accounts.',
  ],
  customers: [
    'Hotel Nordlys',
    'Café Lanterne',
    'Fjellstua Lodge',
    'Riksgata Bakery',
    'Sundet Ferries',
  ],
  items: [
    { description: 'Espresso beans, 5 kg', unitCents: 12_400 },
    { description: 'Filter roast, 1 kg', unitCents: 3_150 },
    { description: 'Barista course, half day', unitCents: 68_000 },
    { description: 'Grinder service with burrs', unitCents: 24_700 },
    { description: 'Cane decaf, 5 kg', unitCents: 14_900 },
    { description: 'Brewer rental, month', unitCents: 8_900 },
  ],
};
