/** Two versions compared: the map with what changed hands, kept in step with the table beside it. */
import { toast } from '../dom.js';
import { useTimeZone } from '../format.js';
import { local, t } from '../i18n.js';
import { ask, superseded } from '../problem_map/data.js';
import { HistoryMap, failure, inlined, square } from './frame.js';
import { GroundLayer } from './ground.js';
import { h } from '../dom.js';

const find = (selector) => document.querySelector(selector);

class DifferencePage {
  constructor(map) {
    const config = inlined('bp-config');
    Object.assign(this, inlined('bp-history'));
    useTimeZone(config.city.timezone);
    this.history = new HistoryMap(map, {
      config, label: t('What changed on the map; the table has the same content'),
      onPick: (area) => this.pick(area?.code ?? null, area?.level), onPoint: (id) => location.assign(`/findings/${id}`),
    });
    this.ground = new GroundLayer(map, this.history.view);
    this.code = null;
    for (const row of document.querySelectorAll('tr[data-code]')) {
      row.querySelector('.pick-area').addEventListener('click', () => {
        this.pick(this.code === row.dataset.code ? null : row.dataset.code, row.dataset.level, { zoom: true });
      });
    }
    this.load();
  }

  async load() {
    const asked = new URLSearchParams(Object.entries(this.query).filter(([, value]) => value));
    try {
      const answer = await ask('difference', `${this.json}?${asked}`);
      this.level = answer.level;
      this.history.fitted = true;
      this.history.show(answer);
      this.ground.set(answer);
      this.history.view.setView({ points: this.moved, clusters: [], shade: {} });
      this.history.fit(this.ground.bounds()?.pad(0.25));
      document.body.dataset.ready = 'true';
    } catch (error) {
      if (!superseded(error)) toast(failure(error));
    }
  }

  /** Brings out one area in the map and the table; null takes it back. */
  pick(code, level = this.level, { zoom = false } = {}) {
    this.code = code;
    const known = level === this.level;
    this.ground.focus(known ? code : null);
    for (const row of document.querySelectorAll('tr[data-code]')) {
      const mine = row.dataset.code === code && row.dataset.level === level;
      row.classList.toggle('on', mine);
      row.querySelector('.pick-area').setAttribute('aria-pressed', String(mine));
      if (mine && !zoom) row.scrollIntoView({ block: 'nearest' });
    }
    const area = this.history.area(code);
    this.history.focus(area, area ? this.lines(code) : []);
    find('[data-key-gain]').textContent = area ? t('{name} got this', { name: local([area.zh, area.en]) }) : t('went to another area');
    find('[data-key-lost]').textContent = area ? t('{name} gave this up', { name: local([area.zh, area.en]) }) : t('nobody has it now');
    const bounds = zoom && known && code ? this.ground.bounds(code) : null;
    if (bounds) this.history.fit(bounds.pad(0.4));
  }

  lines(code) {
    const sum = (side) => this.ground.data.ground.filter((one) => one[side] === code).reduce((all, { m2 }) => all + m2, 0);
    const [got, lost] = [sum('to'), sum('from')];
    return [
      ...(got ? [h('span', {}, `+${square(got)}`)] : []), ...(lost ? [h('span', {}, `−${square(lost)}`)] : []),
    ];
  }
}

function start() {
  window.BP.page = new DifferencePage(window.BP.map);
}

if (window.BP?.map) start();
else document.addEventListener('bp:map', start, { once: true });
