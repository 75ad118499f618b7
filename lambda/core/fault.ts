export type FaultKind = 'store' | 'secret' | 'gateway' | 'configuration' | 'event' | 'deadline';

/**
 * We could not tell. Thrown, becomes 5xx: never 401 (clients throw their credential away on 401) and
 * never a Deny (a cache could keep it). The message is ours alone; it never quotes input or a secret.
 */
export class Fault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Fault';
    this.kind = kind;
  }
}
