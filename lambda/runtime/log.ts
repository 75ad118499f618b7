/** Writes one line of JSON to standard output, where Lambda hands it to CloudWatch Logs. */
export type Log = (line: Readonly<Record<string, unknown>>) => void;

export const stdoutLog: Log = (line) => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
