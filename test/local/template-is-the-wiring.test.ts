import { expect, test } from '@jest/globals';
import { startFixture } from './fixtures/stack.ts';

test('a route that is removed from the template is gone, and the others stay', async () => {
  const stack = await startFixture({
    change: ({ Resources }) => {
      delete Resources['EntityGet'];
      delete Resources['EntityPost'];
    },
  });
  try {
    const headers = { 'x-answer': 'allow' };
    expect((await fetch(`${stack.urls.rest}/records/contact`, { headers })).status).toBe(403);
    expect((await fetch(`${stack.urls.rest}/records/special`, { headers })).status).toBe(200);
  } finally {
    await stack.stop();
  }
});

test('an authorizer that is removed from its method guards it no more', async () => {
  const guarded = await startFixture();
  const open = await startFixture({
    change: ({ Resources }) => {
      const { AuthorizerId: _, ...properties } = Resources['EntityGet']?.Properties ?? {};
      Resources['EntityGet'] = {
        Type: 'AWS::ApiGateway::Method',
        Properties: { ...properties, AuthorizationType: 'NONE' },
      };
    },
  });
  try {
    expect((await fetch(`${guarded.urls.rest}/records/contact`)).status).toBe(401);
    expect((await fetch(`${open.urls.rest}/records/contact`)).status).toBe(200);
  } finally {
    await Promise.all([guarded.stop(), open.stop()]);
  }
});

test('a method whose authorizer is missing does not come up without one: nothing starts', async () => {
  const start = startFixture({ change: ({ Resources }) => void delete Resources['Authorizer'] });
  await expect(start).rejects.toThrow(/EntityGet: the template refers to Authorizer, which is not in it/);
});

test('a method that wants an authorizer and names none does not come up without one', async () => {
  const start = startFixture({
    change: ({ Resources }) => void delete Resources['EntityGet']?.Properties['AuthorizerId'],
  });
  await expect(start).rejects.toThrow(/EntityGet: its authorizer undefined is not in the template/);
});

test.each([
  ['AuthorizationType', 'AWS_IAM', /knows NONE and CUSTOM only/],
  ['ApiKeyRequired', true, /no usage plans/],
  ['Integration', { Type: 'MOCK' }, /Lambda proxy integrations only/],
  ['HttpMethod', { 'Fn::ImportValue': 'other' }, /does not know the template function Fn::ImportValue/],
])('a method with %s %j is refused, not served half', async (name, value, message) => {
  const start = startFixture({
    change: ({ Resources }) => Object.assign(Resources['SpecialGet']?.Properties ?? {}, { [name]: value }),
  });
  await expect(start).rejects.toThrow(message);
});

test('an authorizer with a cache and no identity source is refused, as API Gateway does', async () => {
  const start = startFixture({
    change: ({ Resources }) =>
      Object.assign(Resources['Authorizer']?.Properties ?? {}, { AuthorizerResultTtlInSeconds: 300 }),
  });
  await expect(start).rejects.toThrow(/without an identity source/);
});
