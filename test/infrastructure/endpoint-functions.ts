import type { Endpoint } from '../../lambda/core/routes.ts';

/** Logical id of the function behind each endpoint of the route table. */
export const endpointFunctions: Readonly<Record<Endpoint, string>> = {
  whoami: 'Whoami',
  records: 'Records',
  actions: 'Actions',
  installations: 'Installations',
  tokenIssuer: 'TokenIssuer',
  realtime: 'Realtime',
};
