import type { MeteredAuthority } from '../../../lambda/authorizer/authority.ts';
import type { Awaitable } from '../../../lambda/core/awaitable.ts';
import { classify } from '../../../lambda/core/classify.ts';
import { decide, type Authenticate, type Authority, type Decision } from '../../../lambda/core/decide.ts';
import { Fault } from '../../../lambda/core/fault.ts';
import type {
  AccessRequest,
  CredentialKind,
  Deny,
  Organization,
  Principal,
} from '../../../lambda/core/model.ts';
import type { Clock } from '../../../lambda/runtime/clock.ts';

export interface Step {
  readonly step: 'classify' | 'authenticate' | 'revocation' | 'standing' | 'organization' | 'authorize';
  /** What was found, or the reason of the refusal. */
  readonly outcome: string;
  /** Requests to DynamoDB since the step before ended. */
  readonly reads: number;
  readonly ms: number;
}

export interface Explanation {
  readonly effect: 'allow' | 'deny' | 'fault';
  readonly reason?: string;
  readonly steps: readonly Step[];
  readonly principal?: Principal;
  readonly organization?: Organization;
  /** Effective scopes, of an allowed request. */
  readonly scopes?: readonly string[];
}

type Refusal = Deny<string>;
const isRefusal = (found: object | undefined): found is Refusal =>
  found !== undefined && 'effect' in found && found.effect === 'deny';

/** Decides as the authorizer does, with the very same parts, and keeps what each of them said. */
export async function explain(
  authority: MeteredAuthority,
  request: AccessRequest,
  clock: Clock,
): Promise<Explanation> {
  const steps: Step[] = [];
  let readsBefore = authority.reads();
  const record = (step: Step['step'], outcome: string, since: number): void => {
    steps.push({ step, outcome, reads: authority.reads() - readsBefore, ms: clock() - since });
    readsBefore = authority.reads();
  };
  const traced = async <T extends object | undefined>(
    step: Step['step'],
    work: () => Awaitable<T>,
    say: (found: T) => string,
  ): Promise<T> => {
    const since = clock();
    try {
      const found = await work();
      record(step, isRefusal(found) ? found.reason : say(found), since);
      return found;
    } catch (cause) {
      record(step, 'fault', since);
      throw cause;
    }
  };

  const began = clock();
  const credential = classify(request, authority.cookieNames);
  record('classify', 'effect' in credential ? credential.reason : credential.kind, began);
  let decision: Decision;
  try {
    decision = await decide(traceable(authority, traced), request, clock());
  } catch (cause) {
    // Whatever else is thrown becomes a 5xx as well; its message may quote what was presented.
    return { effect: 'fault', reason: cause instanceof Fault ? cause.kind : 'unexpected', steps };
  }
  const refused = steps.some(({ outcome }) => decision.effect === 'deny' && outcome === decision.reason);
  if (!refused) record('authorize', decision.effect === 'deny' ? decision.reason : 'allow', clock());
  return { ...summary(decision), steps };
}

type Traced = <T extends object | undefined>(
  step: Step['step'],
  work: () => Awaitable<T>,
  say: (found: T) => string,
) => Promise<T>;

function traceable(authority: Authority, traced: Traced): Authority {
  const authenticator =
    <Kind extends CredentialKind>(by: Authenticate<Kind>): Authenticate<Kind> =>
    async (credential, now, until, sourceAddress) => {
      const found = await traced(
        'authenticate',
        () => by(credential, now, until, sourceAddress),
        (each) => ('principal' in each && each.principal ? ownerOf(each.principal) : ''),
      );
      if (isRefusal(found) || !('standing' in found) || found.standing === undefined) return found;
      const { standing } = found;
      return {
        ...found,
        standing: traced(
          'standing',
          () => standing,
          () => 'stands',
        ),
      };
    };
  const { authenticate } = authority;
  return {
    ...authority,
    authenticate: {
      api_key: authenticator(authenticate.api_key),
      session: authenticator(authenticate.session),
      extension_token: authenticator(authenticate.extension_token),
    },
    refuseRevoked: (principal, until) =>
      traced(
        'revocation',
        () => authority.refuseRevoked(principal, until),
        () => 'not revoked',
      ),
    resolveOrganization: (principal, tenant, until) =>
      traced(
        'organization',
        () => authority.resolveOrganization(principal, tenant, until),
        (found) => ('organization' in found && found.organization ? found.organization.slug : ''),
      ),
  };
}

const ownerOf = ({ owner }: Principal): string => `${owner.kind}:${owner.id}`;

/** Ids, scopes and times: nothing that was presented. */
function summary(decision: Decision): Omit<Explanation, 'steps'> {
  const { principal, organization } = decision;
  return {
    effect: decision.effect,
    ...(decision.effect === 'deny' ? { reason: decision.reason } : {}),
    ...(principal ? { principal } : {}),
    ...(organization ? { organization } : {}),
    ...(decision.effect === 'allow' ? { scopes: decision.scopes } : {}),
  };
}
