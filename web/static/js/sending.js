/** Sending a form: what came of it in one of four words, so that nothing is called done that is not. */
import { t } from './i18n.js';

const TIMEOUT_MS = 90_000;

/** The CSRF token that some form of the page holds. */
export const csrfToken = () => document.querySelector('input[name="csrf_token"]')?.value || '';

const signal = () => (AbortSignal.timeout ? AbortSignal.timeout(TIMEOUT_MS) : undefined);

function kindOf(status) {
  if (status === 401) return 'sign-in';
  if (status >= 500 || status === 429 || status === 408) return 'unreachable';
  return 'refused';
}

/**
 * Sends a form. Resolves to `{kind, body, status}`: kind is `done`, `refused` (the body is problem+json), `sign-in` or
 * `unreachable` (nobody knows whether it arrived: try again with the same key).
 * @param {string} address
 * @param {FormData} form
 */
export async function send(address, form) {
  try {
    const response = await fetch(address, {
      method: 'POST', body: form, headers: { Accept: 'application/json', 'X-CSRFToken': csrfToken() }, signal: signal(),
    });
    const body = await response.json().catch(() => null);
    if (response.ok && body) return { kind: 'done', body, status: response.status };
    if (response.ok) return { kind: 'unreachable', body: {}, status: response.status };
    if (!body && response.status === 413) return { kind: 'refused', status: 413, body: { detail: t('That is too much at once: leave some photos out') } };
    return { kind: kindOf(response.status), body: body || {}, status: response.status };
  } catch {
    return { kind: 'unreachable', body: {}, status: 0 };
  }
}

/** A key that nobody else makes up; `crypto.randomUUID` is there only over HTTPS. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
