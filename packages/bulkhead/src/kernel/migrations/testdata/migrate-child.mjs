// A migrator in a process of its own, to be killed. It runs the build, as a deployment does.
import { migrate } from '../../../../dist/kernel/migrations/index.js';

const { connectionString, room, folder } = JSON.parse(process.argv[2]);
await migrate({
  connectionString,
  capabilities: [{ name: room, migrations: new URL(folder), errors: {} }],
  appRole: 'test_app',
});
