/** What is selected: an area, or the border that two areas share. Title, tint, handles and facts follow. */
import { t } from '../i18n.js';
import { areaAt, borderAt, borderOf, neighboursOf, outlineOf } from './selecting.js';
import { nameOf } from './words.js';

export class Selecting {
  /** @param {import('./page.js').EditorPage} page */
  constructor(page) {
    Object.assign(this, { page, kind: null, keys: [] });
    page.map.on('click', (event) => this.clicked(event));
  }

  get area_() {
    return this.keys.length ? this.page.coverage.get(this.keys[0]) : null;
  }

  clicked({ latlng, layerPoint }) {
    const { page } = this;
    const point = [latlng.lng, latlng.lat];
    if (page.tools.clicked(point)) return;
    const finding = page.view.points.hit(layerPoint);
    if (finding) {
      page.pickFinding(finding);
      return;
    }
    const owners = page.tools.name === 'border' ? borderAt(page.coverage, page.level, point, page.guide.metresPerPixel(point)) : null;
    if (owners?.length) {
      this.border(owners);
      return;
    }
    const area = areaAt(page.coverage, page.level, point);
    if (area) this.area(area.key);
    else this.clear();
  }

  /** @param {string} key @param {{go?: boolean, open?: boolean}} options `open`: its names are asked for */
  area(key, { go = false, open = false } = {}) {
    Object.assign(this, { kind: 'area', keys: [key] });
    if (go && this.page.view.boxOf(key)) this.page.view.goTo(this.page.view.boxOf(key));
    this.show({ open });
  }

  border(keys) {
    Object.assign(this, { kind: 'border', keys: keys.slice(0, 2) });
    this.show();
  }

  clear() {
    Object.assign(this, { kind: null, keys: [] });
    this.show();
  }

  /** Areas changed: what is gone is no longer selected. */
  follow() {
    const { coverage } = this.page;
    const there = this.keys.filter((key) => coverage.get(key) && !coverage.get(key).removed);
    if (there.length < this.keys.length) Object.assign(this, { keys: there, kind: there.length ? 'area' : null });
    this.show();
  }

  lines() {
    const { coverage } = this.page;
    if (!this.keys.length) return [];
    return this.kind === 'border' ? borderOf(coverage, this.keys) : outlineOf(this.area_);
  }

  show({ open = false } = {}) {
    const { page } = this;
    const lines = this.lines();
    page.view.select(this.keys, this.kind === 'border' ? lines : null);
    if (page.tools.name === 'border' && page.may.edit && this.keys.length && this.isEditable()) page.handles.show(lines);
    else page.handles.hide();
    document.getElementById('title').textContent = this.title();
    page.properties.show(this.kind === 'area' ? this.keys[0] : null, { open });
    page.tools.hint();
  }

  isEditable() {
    return this.keys.every((key) => this.page.coverage.get(key).editable);
  }

  title() {
    const { coverage, draft } = this.page;
    const names = this.keys.map((key) => nameOf(coverage.get(key)));
    if (!names.length) return draft.facts.title || t('Redraw borders');
    if (this.kind === 'area') return names[0];
    return names.length > 1 ? t('Border of {first} and {second}', { first: names[0], second: names[1] }) : t('Outer border of {first}', { first: names[0] });
  }

  isNeighbour(key) {
    return neighboursOf(this.page.coverage, this.keys[0]).some((area) => area.key === key);
  }
}
