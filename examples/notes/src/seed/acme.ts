import type { SeedOrganization } from './organization.ts';

/** A maker of picking robots. */
export const acme: SeedOrganization = {
  slug: 'acme',
  name: 'Acme Robotics',
  domain: 'acme.example',
  mark: 'ACME',
  idPrefix: 'ac3e0001',
  people: [
    { name: 'Ada Okafor', login: 'ada', title: 'Head of field engineering' },
    { name: 'Marco Bellini', login: 'marco', title: 'Controls engineer' },
    { name: 'Priya Raman', login: 'priya', title: 'Perception lead' },
    { name: 'Tomas Lindqvist', login: 'tomas', title: 'Service technician' },
    { name: 'Grace Whitfield', login: 'grace', title: 'Finance' },
  ],
  projects: [
    {
      code: 'ACME-GRIP',
      name: 'Gripper generation four',
      status: 'active',
      summary: 'A softer hand for cosmetics and fruit, at the cycle time of the old one.',
    },
    {
      code: 'ACME-DOCK',
      name: 'Dock to shelf',
      status: 'active',
      summary: 'Inbound totes from truck to rack without a person lifting anything.',
    },
    {
      code: 'ACME-EYES',
      name: 'Depth camera swap',
      status: 'active',
      summary: 'The new stereo head on all robots in the field before the old part runs out.',
    },
    {
      code: 'ACME-FLEET',
      name: 'Fleet scheduler',
      status: 'active',
      summary: 'One plan for forty robots, recomputed each second, that survives a dead lane.',
    },
    {
      code: 'ACME-SAFE',
      name: 'Safety recertification',
      status: 'paused',
      summary: 'Waiting for the inspector of the northern sites.',
    },
    {
      code: 'ACME-PILOT',
      name: 'Harbour pilot',
      status: 'done',
      summary: 'Six robots, twelve weeks, one customer convinced.',
    },
  ],
  places: [
    'line 4',
    'the Rotterdam hall',
    'cell B2',
    'the test bench',
    'aisle 17',
    'the night shift',
  ],
  notes: [
    {
      title: 'Torque drift in the wrist',
      body: 'The wrist motor at {place} loses four percent of torque after two hours warm. Swapping the driver board made no difference; the encoder cable did. Order twenty shielded ones before we blame firmware again.',
    },
    {
      title: 'Suction cups: what we learned',
      body: 'At {place} we ran silicone against nitrile for a week. Silicone holds shrink-wrapped trays, nitrile lives three times longer. Mixed sets are a mistake: nobody puts the right one back.',
    },
    {
      title: 'Dropped totes, counted properly',
      body: 'Eleven drops at {place}, nine of them on the same badly printed label. The robot was right to let go. Ask the customer for matte labels, and log the reading before the drop.',
    },
    {
      title: 'Calibration without the checkerboard',
      body: 'Priya’s method works at {place} with the rack posts alone: 0.6 mm against 0.4 mm with the board, and no one has to climb. Good enough for everything except vials.',
    },
    {
      title: 'Scheduler stalls at shift change',
      body: 'When {place} hands over, thirty robots want to charge within the same minute. Stagger by battery health, not by number. The plan now takes 80 ms instead of two seconds.',
    },
    {
      title: 'Light curtain trips by sunlight',
      body: 'Between nine and ten the low sun reaches {place} and the curtain sees a person who is not there. A hood of bent sheet metal fixed it. Write it into the installation guide.',
    },
    {
      title: 'Spare parts we should carry',
      body: 'The van that serves {place} went back twice for a belt. Carry two belts, one hub motor, four cups, a radio. Everything else can come by parcel.',
    },
    {
      title: 'Customer visit, in short',
      body: 'They like the speed at {place} and hate the beeping. Pickers named the robots, which is a good sign. They ask for one number a day: lines picked without help.',
    },
  ],
  comments: [
    'Seen the same on robot 12, cable rubbed through at the elbow.',
    'Can we get the torque logs of that night before they rotate away?',
    'Ordered. The shielded cables come on Thursday.',
    'The picker on shift says it only happens after a battery swap.',
    'I would not ship this without a second week of data.',
    'Added to the installation guide, section 4.',
    'This one is billable, the hood was not in the contract.',
  ],
  customers: [
    'Halden Parcel',
    'Meridian Grocers',
    'Port of Vlissing',
    'Kestrel Pharmacy Supply',
    'Oakline Furniture',
  ],
  items: [
    { description: 'Picking robot, monthly lease', unitCents: 289_000 },
    { description: 'Field technician, day', unitCents: 118_000 },
    { description: 'Gripper set, four fingers', unitCents: 46_500 },
    { description: 'Depth camera with mount', unitCents: 72_900 },
    { description: 'Scheduler licence, site', unitCents: 540_000 },
    { description: 'Spare belt kit', unitCents: 9_800 },
  ],
};
