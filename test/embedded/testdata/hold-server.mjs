// Starts a server and, told to, goes on for ever or returns without stopping it.
import { startEmbeddedPostgres } from 'bulkhead/embedded';

const [dataDir, how] = process.argv.slice(2);
const server = await startEmbeddedPostgres({ dataDir, durable: false });
console.log(JSON.stringify({ url: server.superuserUrl, uid: process.getuid() }));
if (how === 'hold') setInterval(() => {}, 1_000);
if (how === 'throw') throw new Error('the app fell over');
