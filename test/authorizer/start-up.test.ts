import { expect, test } from '@jest/globals';
import { faulty } from '../../lambda/authorizer/authorizer.ts';
import { Fault } from '../../lambda/core/fault.ts';
import { rest } from '../../lambda/surfaces/rest.ts';
import { testClock } from '../support/clock.ts';

test('an authorizer that cannot start fails every request, and each one counts as a fault', async () => {
  const lines: object[] = [];
  const reason = new Fault('configuration', 'AUTH_TABLE_NAME must be set');
  const authorize = faulty(rest, reason, testClock(), (line) => lines.push(line));
  await expect(authorize({})).rejects.toThrow('AUTH_TABLE_NAME must be set');
  expect(lines).toMatchObject([
    { event: 'decision', effect: 'fault', Faults: 1 },
    { event: 'fault', kind: 'configuration', message: 'AUTH_TABLE_NAME must be set' },
  ]);
});
