/** What a supervisor changed in the round since it was last looked at. */
import { h, icon, said } from '../dom.js';
import { time } from '../format.js';
import { local, t } from '../i18n.js';
import { minutes } from './words.js';

export function showNews(element, round, onSeen) {
  const { news } = round;
  if (!news) {
    element.replaceChildren();
    return;
  }
  const name = (id) => round.stops.find((stop) => stop.id === id)?.name || '';
  const line = (sign, word, text, more) => h('li', {}, icon(sign, 15), h('span', {}, `${word}: `, said(text), more ? ` (${more})` : ''));
  const who = news.by ? t('{name} changed your round at {time}', { name: local(news.by), time: time(news.at) }) : t('Your round was changed');
  const moved = news.moved.slice(0, 6);
  element.replaceChildren(h('section', { class: 'card rd-news', role: 'status' }, h('div', { class: 'in' },
    h('h2', {}, icon('bell', 17), ' ', who),
    h('ul', {},
      news.added.map((id) => line('plus', t('New'), name(id))),
      news.gone.map((one) => line('minus', t('Gone'), one.name, one.to ? t('to {name}', { name: local(one.to) }) : '')),
      moved.map(({ id, by_s: by }) => line('clock', t('Time'), name(id), by > 0 ? t('{time} later', { time: minutes(by) }) : t('{time} earlier', { time: minutes(-by) }))),
      news.moved.length > moved.length ? h('li', {}, h('span', {}, t('and {n} more times', { n: news.moved.length - moved.length }))) : null),
    h('button', { type: 'button', class: 'btn btn-primary', id: 'rd-seen', on: { click: onSeen } }, icon('check', 16), h('span', {}, t('Seen'))))));
}
