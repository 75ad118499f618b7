// Everything that comes from elsewhere is put into the page as text, never as markup.
const at = (id) => document.getElementById(id);
const facts = await (await fetch('facts')).json();
// Cookies belong to a host name: a page opened as localhost must speak to localhost.
const rest = facts.rest.replace('127.0.0.1', location.hostname);
at('rest').textContent = rest;

const row = (cells, className) => {
  const line = document.createElement('tr');
  for (const cell of cells) line.insertCell().textContent = cell;
  if (className) line.cells[0].className = className;
  return line;
};

// Routes
const form = at('try');
for (const { method, path, accepts, scope, function: name, authorizer } of facts.routes) {
  at('routes').append(
    row([`${method} ${path}`, authorizer ? accepts.join(', ') : 'everybody: no authorizer', scope, name]),
  );
  form.route.append(new Option(`${method} ${path}`));
}
const bodies = {
  'POST /api/actions/execute': { action: 'find_many', input: { entity: 'contact', limit: 5 } },
  'POST /v1/records/{entity}': { name: 'Katherine Johnson' },
  'POST /v1/extensions/{extensionId}/token': { ttlSeconds: 300 },
};
const chooseRoute = () => {
  const { value } = form.route;
  const [method, path] = value.split(' ');
  form.path.value = path
    .replace('{entity}', 'contact')
    .replace('{extensionId}', facts.demo?.extensionId ?? 'example-extension')
    .replace('{proxy+}', 'get-session');
  form.body.value = bodies[value] ? JSON.stringify(bodies[value]) : '';
  form.body.disabled = method === 'GET';
};
form.route.addEventListener('change', chooseRoute);
chooseRoute();

// Requests
const call = (path, { method, headers, body, cookies }) =>
  fetch(rest + path, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    body: body || undefined,
    credentials: cookies ? 'include' : 'omit',
  });
const show = async (sent) => {
  const output = at('answer');
  try {
    const response = await sent;
    const text = await response.text();
    let pretty = text;
    try {
      pretty = JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      // Not JSON: shown as it is.
    }
    output.textContent = `${response.status} ${response.statusText}\n${pretty}`;
  } catch {
    output.textContent =
      'The browser would not show the answer: a preflight was refused, or the stack has stopped.';
  }
};
const credentials = {
  none: () => ({}),
  session: () => ({ cookies: true }),
  api_key: () => ({ headers: { 'x-api-key': facts.demo?.apiKey ?? '' } }),
  extension_token: () => ({ headers: { authorization: `Bearer ${facts.demo?.extensionToken ?? ''}` } }),
};
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const [verb] = form.route.value.split(' ');
  const method = verb === 'ANY' ? 'GET' : verb;
  const { headers, cookies } = credentials[form.credential.value]();
  const tenant = form.tenant.value && { 'x-tenant-id': form.tenant.value };
  const body = method === 'GET' ? '' : form.body.value;
  void show(call(form.path.value, { method, headers: { ...headers, ...tenant }, body, cookies }));
});

const signIn = () => {
  const { email, password } = facts.demo ?? {};
  return call('/api/auth/sign-in/email', {
    method: 'POST',
    body: JSON.stringify({ email, password }),
    cookies: true,
  });
};
at('sign-in').addEventListener('click', () => void show(signIn()));
at('sign-out').addEventListener('click', () => {
  void show(call('/api/auth/sign-out', { method: 'POST', body: '{}', cookies: true }));
});

// Decisions, as they are made
const describe = (decision) => decision.reason ?? decision.principalId ?? '';
new EventSource('decisions').addEventListener('message', ({ data }) => {
  const decision = JSON.parse(data);
  const { effect, method, route, credentialKind, durationMs } = decision;
  const cells = [
    effect,
    `${method} ${route}`,
    credentialKind ?? '',
    describe(decision),
    Math.round(durationMs ?? 0),
  ];
  at('decisions').prepend(row(cells, effect));
  while (at('decisions').rows.length > 50) at('decisions').deleteRow(-1);
});

// The extension gets a token of its own, addressed to its origin and to nobody else's.
const frame = at('extension');
frame.src = facts.extension;
async function handOver() {
  const state = at('extension-state');
  const id = facts.demo?.extensionId;
  const mint = () =>
    call(`/v1/extensions/${encodeURIComponent(id)}/token`, {
      method: 'POST',
      body: '{"ttlSeconds":300}',
      cookies: true,
    });
  let minted = await mint();
  if (minted.status === 401) {
    await signIn();
    minted = await mint();
  }
  if (minted.status !== 201) {
    state.textContent = `No token: ${minted.status}`;
    return;
  }
  const { token, expiresAt } = await minted.json();
  frame.contentWindow.postMessage({ type: 'crm:token', token }, facts.extension);
  state.textContent = `Handed over; it expires at ${new Date(expiresAt * 1000).toLocaleTimeString()}.`;
}
at('hand-over').addEventListener('click', () => void handOver());
