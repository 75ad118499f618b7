import type { Pair } from './http-request.ts';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** RFC 9110 §5.5: a value with anything else could end its header and begin another. */
export const isHeader = ([name, value]: Pair): boolean => NAME.test(name) && VALUE.test(value);
