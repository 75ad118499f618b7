import { expect, test } from '@jest/globals';
import { selectRoute } from '../../local/gateway/route-key.ts';

const routes = (...keys: string[]) => keys.map((key) => ({ key }));
const chosen = (method: string, path: string, ...keys: string[]): string | undefined =>
  selectRoute(routes(...keys), method, path)?.route.key;

// The example of the developer guide, "Routing API requests".
const documented = [
  '$default',
  'ANY /{proxy+}',
  'GET /pets/{proxy+}',
  'GET /pets/dog/{id}',
  'GET /pets/dog/1',
];

test.each([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1'],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}'],
  ['GET', '/pets/cat/1', 'GET /pets/{proxy+}'],
  ['POST', '/test/5', 'ANY /{proxy+}'],
  ['POST', '/pets/dog/1', 'ANY /{proxy+}'],
  ['GET', '/', '$default'],
])('%s %s reaches %s, in whatever order the routes stand', (method, path, expected) => {
  expect(chosen(method, path, ...documented)).toBe(expected);
  expect(chosen(method, path, ...documented.toReversed())).toBe(expected);
});

test('a method of its own comes before ANY on the same path', () => {
  expect(chosen('OPTIONS', '/a', 'ANY /a', 'OPTIONS /a')).toBe('OPTIONS /a');
  expect(chosen('GET', '/a', 'ANY /a', 'OPTIONS /a')).toBe('ANY /a');
});

test.each(['/a/', '/a//', '//a', '/A', '/%61', '/a/b', '/'])('%s is not /a', (path) => {
  expect(chosen('GET', path, 'GET /a')).toBeUndefined();
});

test('a parameter takes one segment and no empty one, a greedy one takes the rest', () => {
  expect(chosen('GET', '/a/b/c', 'GET /a/{x}')).toBeUndefined();
  expect(chosen('GET', '/a/', 'GET /a/{x}')).toBeUndefined();
  expect(chosen('GET', '/a', 'GET /a/{x+}')).toBeUndefined();
  expect(selectRoute(routes('GET /a/{x+}'), 'GET', '/a/b/c%20d')?.parameters).toEqual({ x: 'b/c d' });
});

test('parameters are decoded after the path is taken apart: an encoded slash begins no segment', () => {
  expect(selectRoute(routes('GET /a/{x}'), 'GET', '/a/b%2Fc')?.parameters).toEqual({ x: 'b/c' });
  expect(selectRoute(routes('GET /a/{x}'), 'GET', '/a/%zz')?.parameters).toEqual({ x: '%zz' });
});

test('nothing matches where there is neither a route nor $default', () => {
  expect(chosen('GET', '/b', 'GET /a', 'POST /b')).toBeUndefined();
});
