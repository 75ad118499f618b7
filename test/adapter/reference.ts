import type { Where } from '@better-auth/core/db/adapter';

type Fields = Record<string, unknown>;

/** What Better Auth may expect of any adapter, as plainly as it can be said: lists in memory, one at a time. */
export class Reference {
  readonly rows: Record<string, Fields[]> = {};
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  create(model: string, row: Fields): Fields {
    const taken = (fields: readonly string[]): boolean =>
      this.all(model).some((other) => fields.every((field) => other[field] === row[field]));
    if (UNIQUE[model]?.some(taken)) throw new Refusal('ALREADY_EXISTS');
    const owned = (owner: string, by: string): boolean => this.all(owner).some(({ id }) => id === row[by]);
    if (!(OWNERS[model] ?? []).every(([owner, by]) => owned(owner, by))) throw new Refusal('OWNER_MISSING');
    this.all(model).push({ ...row });
    return row;
  }

  find(model: string, where: readonly Where[], expired = false): Fields[] {
    return this.all(model).filter((row) => matches(row, where) && (expired || this.lives(row)));
  }

  update(model: string, where: readonly Where[], update: Fields, most = Infinity): Fields[] {
    const found = this.find(model, where).slice(0, most);
    for (const row of found) {
      const next = { ...row, ...update };
      const others = this.all(model).filter((other) => other !== row);
      const taken = (fields: readonly string[]): boolean =>
        others.some((other) => fields.every((field) => other[field] === next[field]));
      if (UNIQUE[model]?.some(taken)) throw new Refusal('ALREADY_EXISTS');
      Object.assign(row, update);
    }
    return found;
  }

  increment(model: string, where: readonly Where[], field: string, delta: number): Fields | undefined {
    const [row] = this.find(model, where);
    if (row !== undefined) row[field] = Number(row[field] ?? 0) + delta;
    return row;
  }

  /** By its id alone, a row that is gone takes what it owned too: so a deletion that was stopped is completed. */
  removeAll(model: string, where: readonly Where[]): number {
    const found = this.find(model, where, true);
    const [only] = where;
    if (where.length === 1 && only?.field === 'id' && found.length === 0) this.removeOwned(model, only.value);
    return this.remove(model, found);
  }

  remove(model: string, found: readonly Fields[]): number {
    this.rows[model] = this.all(model).filter((row) => !found.includes(row));
    for (const { id } of found) this.removeOwned(model, id);
    return found.length;
  }

  snapshot(): () => void {
    const kept = Object.fromEntries(
      Object.entries(this.rows).map(([model, rows]) => [model, rows.map((row) => ({ ...row }))]),
    );
    return () => {
      for (const model of Object.keys(this.rows)) delete this.rows[model];
      Object.assign(this.rows, kept);
    };
  }

  private removeOwned(model: string, id: unknown): void {
    for (const [child, by] of OWNED[model] ?? []) {
      const owned = this.all(child).filter((row) => row[by] === id);
      this.remove(child, owned);
    }
  }

  private all(model: string): Fields[] {
    return (this.rows[model] ??= []);
  }

  private lives({ expiresAt }: Fields): boolean {
    return !(expiresAt instanceof Date) || expiresAt.getTime() > this.now;
  }
}

export class Refusal extends Error {}

const UNIQUE: Record<string, readonly (readonly string[])[]> = {
  user: [['id'], ['email']],
  organization: [['id'], ['slug']],
  session: [['id'], ['token']],
  member: [['id'], ['userId', 'organizationId']],
  apikey: [['id'], ['key']],
};
const OWNERS: Record<string, readonly (readonly [string, string])[]> = {
  session: [['user', 'userId']],
  member: [
    ['user', 'userId'],
    ['organization', 'organizationId'],
  ],
};
const OWNED: Record<string, readonly (readonly [string, string])[]> = {
  user: [
    ['session', 'userId'],
    ['member', 'userId'],
    ['apikey', 'referenceId'],
  ],
  organization: [
    ['member', 'organizationId'],
    ['apikey', 'referenceId'],
  ],
};

function matches(row: Fields, where: readonly Where[]): boolean {
  const required = where.filter(({ connector }) => connector !== 'OR');
  const alternatives = where.filter(({ connector }) => connector === 'OR');
  return (
    required.every((clause) => satisfies(row[clause.field] ?? null, clause)) &&
    (alternatives.length === 0 || alternatives.some((clause) => satisfies(row[clause.field] ?? null, clause)))
  );
}

function satisfies(actual: unknown, { operator = 'eq', value }: Where): boolean {
  if (operator === 'eq') return actual === value;
  if (value === null) return operator === 'ne' && actual !== null;
  if (actual === null) return false;
  if (operator === 'ne') return actual !== value;
  if (Array.isArray(value)) return value.some((each) => each === actual) === (operator === 'in');
  if (typeof actual === 'number' && typeof value === 'number')
    return ORDER[operator]?.(actual - value) ?? false;
  return (
    typeof actual === 'string' && typeof value === 'string' && (PART[operator]?.(actual, value) ?? false)
  );
}

const ORDER: Partial<Record<string, (difference: number) => boolean>> = {
  gt: (difference) => difference > 0,
  gte: (difference) => difference >= 0,
  lt: (difference) => difference < 0,
  lte: (difference) => difference <= 0,
};
const PART: Partial<Record<string, (text: string, part: string) => boolean>> = {
  contains: (text, part) => text.includes(part),
  starts_with: (text, part) => text.startsWith(part),
  ends_with: (text, part) => text.endsWith(part),
};
