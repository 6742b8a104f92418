/** Where the phone is: asked once for an arrival, or watched while somebody walks. Null with a reason when nobody knows. */
import { t } from '../i18n.js';

const WAIT_MS = 8000;
const FRESH_MS = 15_000;
const STALE_MS = 120_000;
const REASONS = {
  1: t('This browser may not use your position: allow it for this site'),
  2: t('Your position is not known right now'),
  3: t('No position within 8 seconds'),
};

export const mayLocate = () => Boolean(window.isSecureContext && navigator.geolocation);

const told = ({ coords, timestamp }) => ({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.round(coords.accuracy), at: timestamp });

/** What the watch said last: a browser may keep still while nothing changes, and then answers no other question. */
let latest = null;
const young = (ms) => (latest && Date.now() - latest.heard < ms ? latest : null);

/** @returns {Promise<{here: ?{lon, lat, accuracy_m}, why: string}>} */
export function locate(waitMs = WAIT_MS) {
  const known = young(FRESH_MS);
  if (known) return Promise.resolve({ here: known, why: '' });
  if (!mayLocate()) return Promise.resolve({ here: null, why: t('The position works only over HTTPS') });
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      (position) => resolve({ here: told(position), why: '' }),
      ({ code }) => {
        const here = code === 3 ? young(STALE_MS) : null;
        resolve({ here, why: here ? '' : REASONS[code] || REASONS[2] });
      },
      { enableHighAccuracy: true, timeout: waitMs, maximumAge: 5000 },
    );
  });
}

/** Whether the person has allowed it before, so that asking shows no question. */
export async function isAllowed() {
  try {
    return mayLocate() && (await navigator.permissions.query({ name: 'geolocation' })).state === 'granted';
  } catch {
    return false;
  }
}

/** Calls with every position until the returned function is called. */
export function watch(onPosition) {
  if (!mayLocate()) return () => {};
  const heard = (position) => {
    latest = { ...told(position), heard: Date.now() };
    onPosition(latest);
  };
  const lost = () => { latest = null; };
  const id = navigator.geolocation.watchPosition(heard, lost, { enableHighAccuracy: true, maximumAge: 10_000, timeout: 60_000 });
  return () => {
    latest = null;
    navigator.geolocation.clearWatch(id);
  };
}

/** Metres between two places as the crow flies. */
export function metresBetween(a, b) {
  return L.latLng(a.lat, a.lon).distanceTo([b.lat, b.lon]);
}
