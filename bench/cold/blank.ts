/** A handler that does nothing: what a fresh process costs before there is anything in it. */
export const handler = async (): Promise<object> => ({});
