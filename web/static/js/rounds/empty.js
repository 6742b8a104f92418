/** No round today: when the next one is, and what is near. */
import { h, icon, said } from '../dom.js';
import { day } from '../format.js';
import { local, t } from '../i18n.js';
import { sym } from '../symbols.js';

const PLACES = { here: t('Open near you'), patches: t('Open near your patches'), city: t('Open in the middle of the city') };

export function showEmpty(element, { next, near = [], near_from: from, day: today }) {
  element.replaceChildren(
    h('section', { class: 'card rd-card' }, h('div', { class: 'in' },
      h('h2', {}, t('You have no round today')),
      next ? h('p', {}, icon('calendar', 16), ' ', h('a', { href: `/routes/${next.plan}/${next.inspector}/round?day=${next.day}` },
        next.stops === 1 ? t('The next one: {day}, 1 stop', { day: day(next.day, today.slice(0, 4)) }) : t('The next one: {day}, {n} stops', { day: day(next.day, today.slice(0, 4)), n: next.stops })))
        : h('p', { class: 'sec' }, t('None is planned for you. A supervisor plans them and sends them here.')))),
    h('section', { class: 'card rd-list' },
      h('header', {}, h('h2', {}, PLACES[from]), from === 'here' ? null : h('button', { type: 'button', class: 'link end', id: 'rd-near' }, t('Near me'))),
      near.length ? h('ol', { class: 'rd-stops' }, near.map((row) => h('li', { class: 'rd-stop' }, h('span', { class: 'sym-at' }, sym(row.s, 20)),
        h('div', { class: 'grow' }, h('p', { class: 'l1' }, h('a', { href: `/findings/${row.id}` }, local(row.category)), row.subject ? [' · ', said(row.subject)] : null), h('p', { class: 'l2' }, row.said)))))
        : h('p', { class: 'in sec' }, t('Nothing open within 3 km')),
      h('p', { class: 'rd-links' }, h('a', { href: '/' }, icon('map', 15), t('Open the map')))),
  );
}
