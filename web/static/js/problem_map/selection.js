/** The one finding that point, row and case share: what opening, closing and stepping do. */
import { phone } from './sheet.js';

/** A link to one finding shows its surroundings. */
const LANDING_ZOOM = 15.5;

const find = (selector) => document.querySelector(selector);

export class Selection {
  /** @param {object} page the problem map: store, map, mapView, camera, list, case, card, sheet, work */
  constructor(page) {
    this.page = page;
  }

  /** Opens a finding. */
  pick(id) {
    this.pickArea(null);
    this.page.store.set({ finding: id });
  }

  /** Opens a row; who came by the keyboard goes on in the case. */
  openFrom(row) {
    const byKey = document.activeElement?.matches(':focus-visible');
    this.pick(row.id);
    if (byKey) document.getElementById('case-title')?.focus({ preventScroll: true });
  }

  /** Closes the case; the focus goes back to its row. */
  close() {
    const id = this.page.store.state.finding;
    const inside = find('#case-pane').contains(document.activeElement);
    this.page.store.set({ finding: null });
    if (inside) find(`#list-pane [data-id="${id}"]`)?.focus();
  }

  /** Opens the row before or after. */
  async step(by) {
    const { list, store } = this.page;
    const id = store.state.finding;
    if (by > 0 && !list.neighbour(id, by) && list.next) await this.page.more();
    const row = list.neighbour(id, by);
    if (row) this.pick(row.id);
  }

  /** Says which of the two arrows lead somewhere. */
  markSteps() {
    const { list, store } = this.page;
    const id = store.state.finding;
    const more = list.find(id) && list.next;
    this.page.case.setSteps(Boolean(list.neighbour(id, -1)), Boolean(list.neighbour(id, 1) || more));
  }

  /** Opens or closes the case pane as the store says. */
  show() {
    const { page } = this;
    const id = page.store.state.finding;
    page.work.classList.toggle('has-case', Boolean(id));
    document.body.classList.toggle('case-open', Boolean(id));
    find('#case-pane').hidden = !id;
    page.sheet.setCase(Boolean(id));
    page.map.invalidateSize({ pan: false, animate: false });
    page.list.mark(id, { reveal: true });
    this.markSteps();
    if (!id) {
      page.case.close();
      page.mapView.select(null);
      return;
    }
    const row = page.list.find(id);
    page.case.open(id, row);
    if (row) this.draw(row);
  }

  /** Selects a finding on the map; the pane's words are its label. */
  draw(item) {
    if (item.lon === null || item.lon === undefined) return;
    const { page } = this;
    if (page.lands) page.camera.centre(item, LANDING_ZOOM);
    page.lands = false;
    page.camera.keepFree(item);
    const { id, lon, lat, s, patch } = item;
    page.mapView.select({ id, lon, lat, s, label: phone.matches ? '' : page.case.label, patch: patch ? patch.code : undefined });
  }

  /** Shows who is responsible for a patch that was clicked, or nothing with null. */
  pickArea(code) {
    this.page.card.show(code, this.page.answer.shade);
    this.page.mapView.focusArea(this.page.card.code || this.page.outlined || null);
  }
}
