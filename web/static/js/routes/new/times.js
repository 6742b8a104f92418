/** Times of day as seconds from midnight, and back. */

/** 30600 as `08:30`. */
export const clock = (seconds) => `${String(Math.floor(seconds / 3600)).padStart(2, '0')}:${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}`;

/** `08:30` as 30600; null for what is no time. */
export function seconds(text) {
  const found = /^(\d{1,2}):(\d{2})/.exec(text || '');
  return found ? Number(found[1]) * 3600 + Number(found[2]) * 60 : null;
}
