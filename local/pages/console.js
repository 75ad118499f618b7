// Everything that comes from elsewhere is put into the page as text, never as markup.
const at = (id) => document.getElementById(id);
const facts = await (await fetch('facts')).json();
at('apis').textContent = [facts.rest, facts.http, facts.websocket].filter(Boolean).join(' · ');
at('email').textContent = facts.email ?? '(none: started with LOCAL_DEMO=0)';

const row = (cells, className) => {
  const line = document.createElement('tr');
  for (const cell of cells) line.insertCell().textContent = cell;
  if (className) line.cells[0].className = className;
  return line;
};

// Routes
const form = at('try');
for (const { method, path, accepts, scope, function: name, authorizer } of facts.routes) {
  const who = authorizer ? accepts.join(', ') : 'everybody: no authorizer';
  at('routes').append(row([`${method} ${path}`, who, scope, name]));
  form.route.append(new Option(`${method} ${path}`));
}
const bodies = {
  'POST /api/actions/execute': { action: 'find_many', input: { entity: 'contact', limit: 5 } },
  'POST /v1/records/{entity}': { name: 'Katherine Johnson' },
  'POST /v1/extensions/{extensionId}/token': { ttlSeconds: 300 },
};
const verb = () => form.route.value.split(' ')[0].replace('ANY', 'GET');
const chooseRoute = () => {
  const [, path] = form.route.value.split(' ');
  form.path.value = path
    .replace('{entity}', 'contact')
    .replace('{extensionId}', 'example-extension')
    .replace('{proxy+}', 'get-session');
  const body = bodies[form.route.value];
  form.body.value = body ? JSON.stringify(body) : '';
  form.body.disabled = verb() === 'GET';
  form.origin.value = verb() === 'GET' ? '' : facts.rest;
};
form.route.addEventListener('change', chooseRoute);
form.organization.placeholder = `acme-corp, or ${facts.foreign ?? 'another'}, which is somebody else's`;
form.origin.placeholder = 'none';
chooseRoute();

// Requests
const pretty = (text) => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
};
async function send() {
  const { path, credential, organization, origin, body } = form;
  const trial = {
    method: verb(),
    path: path.value,
    credential: credential.value,
    organization: organization.value,
    origin: origin.value,
    body: body.value,
  };
  const response = await fetch('try', { method: 'POST', body: JSON.stringify(trial) });
  const { status, text, message } = await response.json();
  at('answer').textContent = message ?? `${status}\n${pretty(text)}`;
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  send().catch((error) => (at('answer').textContent = `The stack does not answer: ${error.message}`));
});

// Decisions, as they are made
new EventSource('decisions').addEventListener('message', ({ data }) => {
  const decision = JSON.parse(data);
  const { effect, surface, method, route, credentialKind, reason, principalId, durationMs } = decision;
  const cells = [
    effect,
    surface,
    method === '$connect' ? method : `${method} ${route}`,
    credentialKind ?? '',
    reason ?? principalId ?? '',
    durationMs ?? '',
  ];
  at('decisions').prepend(row(cells, effect));
  while (at('decisions').rows.length > 50) at('decisions').deleteRow(-1);
});

// The extension gets a token of its own, addressed to its origin and to nobody else's.
const frame = at('extension');
frame.src = facts.extension;
async function handOver() {
  const { status, answer } = await (await fetch('token', { method: 'POST' })).json();
  if (status !== 201) {
    at('extension-state').textContent = `No token: ${status}`;
    return;
  }
  frame.contentWindow.postMessage({ type: 'crm:token', token: answer.token }, facts.extension);
  const until = new Date(answer.expiresAt * 1000).toLocaleTimeString();
  at('extension-state').textContent = `Handed over; it expires at ${until}.`;
}
at('hand-over').addEventListener('click', () => void handOver());
