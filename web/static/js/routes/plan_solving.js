/** While the server works the rounds out: how far it is, the best so far on the map and as a chart, take it or cancel. */
import { h, icon, svg } from '../dom.js';
import { number, t } from '../i18n.js';
import { failure } from './plan_changes.js';
import { Overtaken } from './plan_server.js';
import { Plan } from './plan_store.js';
import { compare, differenceWords, length } from './plan_words.js';

const ASK_MS = 700;
const SLOW_MS = 3000;
const [CHART_W, CHART_H] = [264, 64];

export class Solving {
  /** @param {HTMLElement} root @param {{store, server, tell, banner, onOvertaken}} parts */
  constructor(root, parts) {
    Object.assign(this, { root, ...parts, history: [], running: false });
  }

  /** Begins to work the plan out. */
  async start(asked) {
    const { store, server } = this;
    document.body.classList.add('is-loading');
    try {
      await server.post('solve', { revision: store.plan.facts.revision, ...asked });
      this.watch();
    } catch (error) {
      if (error instanceof Overtaken) this.onOvertaken(null, error.message);
      else this.banner.say('alert', failure(error));
    } finally {
      document.body.classList.remove('is-loading');
    }
  }

  /** Follows what the server does, also after coming back to the page. */
  watch() {
    if (this.running) return;
    this.running = true;
    this.history = [];
    this.before = this.store.plan;
    this.told = null;
    this.banner.clear();
    this.tell.close();
    this.root.hidden = false;
    document.body.classList.add('is-solving');
    this.store.best = null;
    this.store.solving = true;
    this.draw({ status: 'solving', elapsed_s: 0, seconds: this.before.facts.solve_s, best: null });
    this.store.tell('solving');
    this.ask();
  }

  async ask() {
    let wait = ASK_MS;
    try {
      const now = await this.server.progress();
      if (now.status !== 'solving') {
        await this.finish(now);
        return;
      }
      this.draw(now);
    } catch {
      // The server works on whether we hear from it or not.
      wait = SLOW_MS;
      this.draw({ ...this.told, unheard: true });
    }
    setTimeout(() => this.ask(), wait);
  }

  draw(now) {
    const isNew = now.best && JSON.stringify(now.best) !== this.said;
    if (isNew) {
      this.said = JSON.stringify(now.best);
      this.history.push({ at: now.elapsed_s, served: now.best.served, km: now.best.distance_m / 1000 });
      this.store.best = now.best;
      this.store.tell('solving');
    }
    this.told = now;
    if (!this.panel) this.build();
    const share = now.seconds ? Math.min(1, now.elapsed_s / now.seconds) : 0;
    this.bar.value = share;
    this.words.textContent = now.unheard ? t('The server does not answer at the moment; it goes on there.')
      : now.best ? t('{n} s of {seconds} · best so far: {served} stops, {way}', { n: Math.round(now.elapsed_s), seconds: Math.round(now.seconds), served: number(now.best.served), way: length(now.best.distance_m) })
        : t('Finding the ways between all stops');
    this.takeIt.disabled = !now.best;
    if (isNew) this.chart.replaceChildren(...this.curves());
  }

  build() {
    const button = (look, name, words, path) => {
      const made = h('button', { type: 'button', class: `btn ${look} sm`, data: { solving: path } }, icon(name, 14), words);
      made.addEventListener('click', () => {
        made.disabled = true;
        this.server.post(path).catch((error) => {
          made.disabled = false;
          this.banner.say('alert', failure(error));
        });
      });
      return made;
    };
    this.bar = h('progress', { max: 1, value: 0, 'aria-label': t('How far it is') });
    this.words = h('p', { class: 'num', role: 'status' });
    this.chart = h('figure', { class: 'so-chart' });
    this.takeIt = button('btn-primary', 'check', t('Take what is there'), 'take');
    const may = this.store.plan.facts.may_change;
    this.panel = h('div', {}, h('h3', {}, t('The rounds are being worked out')), this.bar, this.words, this.chart,
      may ? h('footer', {}, this.takeIt, button('btn-default', 'x', t('Cancel'), 'cancel')) : null,
      h('p', { class: 'xs muted' }, t('You may leave this page: it goes on.')));
    this.root.replaceChildren(this.panel);
  }

  /** Two small curves over time: stops served, kilometres. */
  curves() {
    const { history, told } = this;
    const whole = Math.max(told.seconds, told.elapsed_s, 1);
    const curve = (key, name, words) => {
      const values = history.map((one) => one[key]);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const y = (value) => (high > low ? CHART_H - 8 - ((value - low) / (high - low)) * (CHART_H - 18) : CHART_H / 2);
      const x = (at) => (at / whole) * CHART_W;
      const points = history.flatMap((one, i) => [...(i ? [`${x(one.at)},${y(history[i - 1][key])}`] : []), `${x(one.at)},${y(one[key])}`]);
      const last = history.at(-1);
      points.push(`${x(told.elapsed_s)},${y(last[key])}`);
      const line = svg('polyline', { points: points.join(' '), class: name, fill: 'none' });
      const drawn = svg('svg', { viewBox: `0 0 ${CHART_W} ${CHART_H}`, class: 'so-svg', role: 'img', 'aria-label': words }, line);
      return h('div', {}, h('figcaption', {}, words), drawn);
    };
    const last = history.at(-1);
    return [curve('served', 'c-served', t('{n} stops served', { n: number(last.served) })), curve('km', 'c-km', t('{n} km', { n: last.km.toFixed(1) }))];
  }

  async finish(now) {
    const { store, server, tell, banner } = this;
    this.running = false;
    let data = null;
    try {
      data = await server.data();
    } catch (error) {
      this.running = true;
      this.draw({ ...this.told, unheard: true });
      setTimeout(() => this.ask(), SLOW_MS);
      return;
    }
    this.panel = null;
    this.said = '';
    this.root.hidden = true;
    this.root.replaceChildren();
    document.body.classList.remove('is-solving');
    store.best = null;
    store.solving = false;
    store.setPlan(data);
    store.tell('solving');
    if (now.status === 'failed') {
      banner.say('alert', now.text || t('The rounds could not be worked out; everything is as it was before.'), [t('Try again'), () => this.start({})]);
    } else if (now.status === 'stopped') {
      tell.done([t('Nothing was changed')], t('Cancelled'));
    } else if (this.before.served.length) {
      tell.done(differenceWords(compare(this.before, new Plan(data))), t('Worked out again'));
    } else {
      const { plan } = store;
      tell.done([t('{served} of {n} stops are served, {way} in all', { served: number(plan.served.length), n: number(plan.served.length + plan.unserved.length), way: length(plan.distance_m) }),
        ...(plan.unserved.length ? [t('The others say why, and what would help')] : [])], t('The rounds are worked out'));
    }
    this.onFinish?.();
  }
}
