import { expect, test } from '@jest/globals';
import { addChild, createNode, matchPath } from '../../local/gateway/resource-tree.ts';
import type { ResourceNode } from '../../local/gateway/resource-tree.ts';

/** A tree with a method at the end of each of these paths. */
function treeOf(...paths: readonly string[]): ResourceNode<string> {
  const root = createNode<string>('root', '/');
  const nodes = new Map([['/', root]]);
  for (const path of paths) {
    let node = root;
    for (const part of path.split('/').filter(Boolean)) {
      const below = `${node.path === '/' ? '' : node.path}/${part}`;
      const next = nodes.get(below) ?? addChild(node, below, part);
      nodes.set(below, next);
      node = next;
    }
    node.methods.set('GET', path);
  }
  return root;
}

const tree = treeOf(
  '/',
  '/v1/records/{entity}',
  '/v1/records/special',
  '/v1/records/{entity}/history/{version}',
  '/v1/{proxy+}',
  '/api/auth/{proxy+}',
);

test.each([
  ['/', '/', {}],
  ['/v1/records/contact', '/v1/records/{entity}', { entity: 'contact' }],
  ['/v1/records/special', '/v1/records/special', {}],
  [
    '/v1/records/special/history/2',
    '/v1/records/{entity}/history/{version}',
    { entity: 'special', version: '2' },
  ],
  ['/v1/records', '/v1/{proxy+}', { proxy: 'records' }],
  ['/v1/records/contact/other', '/v1/{proxy+}', { proxy: 'records/contact/other' }],
  ['/api/auth/sign-in/email', '/api/auth/{proxy+}', { proxy: 'sign-in/email' }],
  // As sent: nothing is decoded, neither for the comparison nor for the parameter.
  ['/v1/records/speci%61l', '/v1/records/{entity}', { entity: 'speci%61l' }],
  ['/v1/records/a%2Fb', '/v1/records/{entity}', { entity: 'a%2Fb' }],
  ['/v1/records/special/', '/v1/records/special', {}],
])('%s is %s', (path, resource, parameters) => {
  expect(matchPath(tree, path)).toMatchObject({ resource: { path: resource }, parameters });
});

test.each([
  '/api',
  '/api/auth',
  '/api/auth/',
  '/other',
  '//',
  '//v1/records/contact',
  '/V1/records/contact',
  '',
])('%s is nothing, or the root', (path) => {
  const match = matchPath(tree, path);
  expect(match === undefined || match.resource.path === '/').toBe(true);
});
