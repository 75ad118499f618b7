import { describe, expect, test } from '@jest/globals';
import { cookieDomain } from '../../lambda/identity/cookie-domain.ts';

describe('the domain of cookies', () => {
  test.each([
    ['https://api.crm.selegic.com', '.crm.selegic.com'],
    ['https://crm.selegic.com', '.crm.selegic.com'],
    ['https://selegic.com', '.selegic.com'],
    ['https://a.b.c.example.co.uk', '.b.c.example.co.uk'],
    ['https://shop.example.co.uk', '.shop.example.co.uk'],
    ['https://API.CRM.Example.COM:8443/api/auth', '.crm.example.com'],
    ['https://api.bücher.example.com', '.xn--bcher-kva.example.com'],
  ])('%s shares its cookies with %s', (url, domain) => {
    expect(cookieDomain(new URL(url).href)).toBe(domain);
  });

  test.each([
    ['an IPv4 address', 'https://192.0.2.7'],
    ['an IPv6 address', 'https://[2001:db8::1]:8443'],
    ['localhost', 'http://localhost:3000'],
    ['a single label', 'https://crm'],
    ['a public suffix', 'https://co.uk'],
  ])('stays on its host when that is %s', (_, url) => {
    expect(cookieDomain(url)).toBeUndefined();
  });

  test.each([
    ['https://abc123.execute-api.us-east-1.amazonaws.com', '.abc123.execute-api.us-east-1.amazonaws.com'],
    ['https://tenant.github.io', '.tenant.github.io'],
  ])('never reaches the other customers of a shared parent: %s', (url, domain) => {
    expect(cookieDomain(url)).toBe(domain);
  });
});
