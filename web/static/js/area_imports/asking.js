/** What the page of an import asks the server: JSON there and back; a newer question ends the older of its kind. */
import { csrfToken } from '../sending.js';
import { t } from '../i18n.js';

const running = new Map();

/** The server refused: its words are for people. */
export class Refused extends Error {}

/**
 * Sends JSON. Rejects with `Refused`, or with an `AbortError` when a newer question of this kind came.
 * @param {string} kind
 * @param {string} address
 * @param {object} body
 */
export async function post(kind, address, body) {
  running.get(kind)?.abort();
  const controller = new AbortController();
  running.set(kind, controller);
  let response;
  try {
    response = await fetch(address, {
      method: 'POST', body: JSON.stringify(body), signal: controller.signal,
      headers: { Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRFToken': csrfToken() },
    });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Refused(t('The server does not answer; nothing was changed'));
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(answer.detail || t('The server does not answer; nothing was changed'));
  return answer;
}

/** Whether an error only says that a newer question was asked. */
export const superseded = (error) => error.name === 'AbortError';
