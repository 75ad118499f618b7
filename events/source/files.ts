import { authorizerCases } from './cases.ts';
import { endpointCases } from './endpoints.ts';
import { indexTable } from './index-table.ts';

export const directory = new URL('..', import.meta.url);

/** An event as a file. */
export const text = (event: object): string => `${JSON.stringify(event, null, 2)}\n`;

const begin = '<!-- made by events/source/write.ts -->';
const end = '<!-- end -->';

/** `events/README.md` with the table as it must be. */
export const withTable = (readme: string): string =>
  `${readme.slice(0, readme.indexOf(begin))}${begin}\n\n${indexTable()}\n\n${readme.slice(readme.indexOf(end))}`;

/** Every committed event, by file name. */
export const eventFiles: ReadonlyMap<string, string> = new Map(
  [...authorizerCases, ...endpointCases].map(({ file, event }) => [file, text(event)]),
);
