/**
 * The browser's side of passkeys: the one script of the app, on the pages that need it.
 *
 * A button names what it is for: `data-passkey="get"` or `"create"`, where it asks and where it answers.
 */
export const PASSKEY_SCRIPT = `'use strict';
const post = async (path, body) => {
  const reply = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body ?? {}),
  });
  const answer = await reply.json();
  if (!reply.ok) throw Object.assign(new Error(answer.title), { code: answer.code });
  return answer;
};

const use = async (button) => {
  const { passkey, options: asks, answer: answers } = button.dataset;
  const asked = await post(asks);
  if (passkey === 'get') {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
    const credential = await navigator.credentials.get({ publicKey });
    location.assign((await post(answers, credential.toJSON())).location);
    return;
  }
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.options);
  const credential = await navigator.credentials.create({ publicKey });
  const name = document.querySelector('#passkey-name').value;
  const added = await post(answers, { flow: asked.flow, name, response: credential.toJSON() });
  if (!added.recoveryCodes) return location.reload();
  const box = document.querySelector('#fresh-codes');
  box.querySelector('pre').textContent = added.recoveryCodes.join('\\n');
  box.hidden = false;
  box.scrollIntoView();
};

for (const button of document.querySelectorAll('button[data-passkey]')) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  button.hidden = false;
  button.addEventListener('click', () => {
    const notice = document.querySelector('#passkey-notice');
    notice.hidden = true;
    use(button).catch((error) => {
      if (error.code === 'identity.step_up_required') return location.assign(button.dataset.confirm);
      notice.textContent = error.code ? error.message : 'The passkey was not used. Try again, or go on another way.';
      notice.hidden = false;
    });
  });
}
`;
