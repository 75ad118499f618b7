// @ts-check
/**
 * A fresh process that loads one bundle and asks it once, as Lambda does on a cold start. CommonJS and plain
 * JavaScript: nothing but the bundle itself takes time to load. What it measured goes to file descriptor 3,
 * since standard output belongs to the handler.
 */
const { writeSync } = require('node:fs');

const [, , bundle = '', name = ''] = process.argv;
const event = JSON.parse(process.env['PROBE_EVENT'] ?? '{}');

async function probe() {
  const begun = performance.now();
  const handler = require(bundle)[name];
  const loaded = performance.now();
  const answer = await handler(event);
  const answered = performance.now();
  const { rss } = process.memoryUsage();
  return { load: loaded - begun, first: answered - loaded, rss, answer };
}

void probe().then((measured) => {
  writeSync(3, JSON.stringify(measured));
  process.exit(0);
});
