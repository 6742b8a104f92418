/** The page of one import: answers go to the server, its preview comes back, and what was seen is what is published. */
import { h, icon, toast } from '../dom.js';
import { number, t } from '../i18n.js';
import { post, superseded } from './asking.js';
import { ImportMap } from './map.js';
import { Questions } from './questions.js';
import { notes, outcome, problems, table } from './report.js';

const find = (id) => document.getElementById(id);
const inlined = (id) => JSON.parse(find(id).textContent);
const settings = inlined('ai-settings');
const BUSY_MS = 300;

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

class ImportPage {
  constructor(map) {
    this.map = new ImportMap(map, { config: inlined('bp-config'), legend: find('legend'), onPick: (feature) => this.pick(feature) });
    this.questions = new Questions(find('questions'), settings, () => this.look());
    this.seal = '';
    find('whole').addEventListener('click', () => this.map.whole());
    find('publish').addEventListener('click', () => this.finish('publish'));
    find('draft').addEventListener('click', () => this.finish('draft'));
    this.look();
  }

  busy(on) {
    clearTimeout(this.waiting);
    find('side').setAttribute('aria-busy', String(on));
    if (on) this.waiting = setTimeout(() => find('side').classList.add('is-busy'), BUSY_MS);
    else find('side').classList.remove('is-busy');
  }

  async look() {
    this.busy(true);
    this.seal = '';
    this.stop(t('Reading the file…'));
    try {
      this.show(await post('look', `${settings.base}/look`, this.questions.answers()));
    } catch (error) {
      if (superseded(error)) return;
      this.complain(error.message);
      this.stop(error.message);
    }
    this.busy(false);
  }

  complain(text) {
    find('fault').replaceChildren(...(text ? [h('p', { class: 'note warn' }, icon('triangle-alert', 16), h('span', {}, text))] : []));
  }

  show(seen) {
    const { file, counts, refused } = seen;
    find('facts').textContent = [size(file.bytes), file.names.length > 1 ? t('{n} files', { n: file.names.length }) : '', counts ? t('{n} features', { n: number(counts.features) }) : ''].filter(Boolean).join(' · ');
    this.questions.show(seen.questions);
    this.complain(refused ? refused.text : '');
    this.fill('outcome', counts ? outcome(counts, seen.absent, this.questions.given.keep || 'keep', (keep) => this.keep(keep)) : []);
    this.fill('problems', counts ? problems(seen.problems, (bbox) => this.zoom(bbox)) : []);
    this.fill('notes', notes(seen.notes, (bbox) => this.zoom(bbox)));
    find('table').replaceChildren(...table(seen.areas, (feature) => this.pick(feature, true), Boolean(counts && counts.above)));
    this.areas = new Map(seen.areas.map((area) => [area.feature, area]));
    this.map.show(seen);
    this.seal = seen.seal;
    this.offer(seen);
  }

  keep(keep) {
    this.questions.given.keep = keep;
    this.look();
  }

  fill(id, parts) {
    find(id).replaceChildren(...parts);
    find(id).hidden = !parts.length;
  }

  stop(why) {
    for (const id of ['publish', 'draft']) find(id).disabled = true;
    find('acts-say').textContent = why;
  }

  offer({ counts, may_draft: mayDraft }) {
    find('acts').hidden = !counts;
    find('draft').hidden = !settings.may_draft;
    if (!counts) return;
    const nothing = counts.new + counts.changed + (counts.ended ? counts.absent : 0) === 0;
    find('publish').disabled = nothing || !settings.may_publish;
    find('draft').disabled = nothing || !mayDraft;
    find('draft').title = mayDraft ? '' : t('A draft redraws a level that is there already');
    find('acts-say').textContent = nothing ? t('Nothing would change: this is the map in force') : '';
    if (!nothing) this.count();
    else if (find('moves')) find('moves').textContent = t('No finding would change');
  }

  /** Findings that would change: counted after the preview is there, as it takes longer. */
  async count() {
    const { seal } = this;
    try {
      const { findings_moved: moved, bureaus_changed: bureaus } = await post('effect', `${settings.base}/effect`, { ...this.questions.answers(), seal });
      if (seal !== this.seal || !find('moves')) return;
      const words = [moved ? t('{n} open findings would change area or bureau', { n: number(moved) }) : t('No open finding would change')];
      if (bureaus) words.push(t('{n} of them the bureau', { n: number(bureaus) }));
      find('moves').textContent = words.join(t(', '));
      find('moves').classList.toggle('is-strong', moved > 0);
    } catch (error) {
      if (!superseded(error) && find('moves')) find('moves').textContent = error.message;
    }
  }

  async finish(how) {
    const { seal } = this;
    this.stop(how === 'publish' ? t('Publishing…') : t('Opening a draft…'));
    this.busy(true);
    try {
      const { url, text } = await post('finish', `${settings.base}/${how}`, { ...this.questions.answers(), seal, note: find('why').value });
      if (text) toast(text);
      location.assign(url);
    } catch (error) {
      this.busy(false);
      await this.look();
      this.complain(error.message);
      find('fault').scrollIntoView({ block: 'nearest' });
    }
  }

  zoom(bbox) {
    this.map.zoomTo(bbox);
    if (matchMedia('(max-width: 900px)').matches) document.querySelector('.ai-map').scrollIntoView({ block: 'nearest' });
  }

  pick(feature, zoom = false) {
    this.map.pick(feature);
    for (const row of find('table').querySelectorAll('tr[data-feature]')) {
      const on = Number(row.dataset.feature) === feature;
      row.classList.toggle('is-on', on);
      if (on && !zoom) row.scrollIntoView({ block: 'nearest' });
    }
    if (zoom) this.zoom(this.areas.get(feature)?.bbox);
  }
}

if (window.BP?.map) new ImportPage(window.BP.map);
else document.addEventListener('bp:map', () => new ImportPage(window.BP.map), { once: true });
