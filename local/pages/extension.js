const { actions, hosts } = await (await fetch('facts')).json();
const state = document.getElementById('state');
const contacts = document.getElementById('contacts');

addEventListener('message', ({ origin, data }) => {
  // Any page can open this one and post to it: only the CRM's own word counts.
  if (!hosts.includes(origin) || data?.type !== 'crm:token' || typeof data.token !== 'string') return;
  void load(data.token);
});

/** The token lives in this call only: not in storage, not in the address, not in the page. */
async function load(token) {
  const response = await fetch(actions, {
    method: 'POST',
    credentials: 'omit',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ action: 'find_many', input: { entity: 'contact', limit: 10 } }),
  });
  const answer = await response.json();
  state.textContent = response.ok
    ? `${answer.result.records.length} contacts`
    : `${response.status} ${answer.error}`;
  contacts.replaceChildren(
    ...(answer.result?.records ?? []).map(({ name, company }) => {
      const item = document.createElement('li');
      item.textContent = company ? `${name}, ${company}` : name;
      return item;
    }),
  );
}
