import { join } from 'node:path';
import { seedDemo } from '../../local/demo.ts';
import { startStack } from '../../local/stack.ts';

/**
 * The local stack in a process of its own, so that the load does not share an event loop with the gateway. Says
 * where it is and with what it may be tried, and ends with its parent.
 */
const directory = join(import.meta.dirname, '..', '..', '.local', 'bench');

const stack = await startStack({ directory, reset: true });
process.once('disconnect', () => void stack.stop().then(() => process.exit(0)));
const { rest, extension } = stack.urls;
const { apiKey, cookie, extensionToken } = await seedDemo({ rest, origin: rest, extension, directory });
process.send?.({ rest, apiKey, cookie, extensionToken });
