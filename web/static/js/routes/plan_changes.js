/** Making changes: one after the other, tried before they are made where that is wanted, told in words, taken back. */
import { toast } from '../dom.js';
import { t } from '../i18n.js';
import { Refused } from '../problem_map/data.js';
import { Overtaken } from './plan_server.js';
import { Plan } from './plan_store.js';
import { compare, differenceWords } from './plan_words.js';

/** What went wrong, for people. */
export const failure = (error) => (error instanceof Refused || error instanceof Overtaken ? error.message : t('The server does not answer; nothing was changed'));

export class Changes {
  /**
   * @param {{store, server, onOvertaken: (changes: object[]|null) => void, onDone: (words: string[], difference: object) => void}} parts
   */
  constructor({ store, server, onOvertaken, onDone }) {
    Object.assign(this, { store, server, onOvertaken, onDone, last: Promise.resolve(), trying: null });
  }

  /** Tries changes and answers `{data, difference, words}`; a newer trial ends an older one (then null). */
  async trial(changes) {
    this.trying?.abort();
    const controller = new AbortController();
    this.trying = controller;
    const { plan } = this.store;
    try {
      const { data } = await this.server.changes(plan.facts.revision, changes, true, controller.signal);
      if (controller.signal.aborted) return null;
      const difference = compare(plan, new Plan(data));
      return { data, difference, words: differenceWords(difference) };
    } catch (error) {
      if (error.name === 'AbortError') return null;
      throw error;
    }
  }

  endTrial() {
    this.trying?.abort();
    this.trying = null;
    this.store.setTrial(null);
  }

  /** Makes changes after those that are on their way. Answers whether they were made; refusals are told. */
  make(changes, { quiet = false } = {}) {
    this.last = this.last.then(() => this.send(changes, quiet), () => this.send(changes, quiet));
    return this.last;
  }

  async send(changes, quiet) {
    const before = this.store.plan;
    document.body.classList.add('is-loading');
    try {
      const { data } = await this.server.changes(before.facts.revision, changes, false);
      this.store.setPlan(data);
      const difference = compare(before, this.store.plan);
      this.onDone(quiet ? null : differenceWords(difference), difference, changes);
      return true;
    } catch (error) {
      this.store.setTrial(null);
      if (error instanceof Overtaken) this.onOvertaken(changes, error.message);
      else toast(failure(error));
      return false;
    } finally {
      document.body.classList.remove('is-loading');
    }
  }

  undo() {
    return this.make([{ act: 'undo' }]);
  }
}

/** The change that puts a stop at a place of somebody's round. */
export const moveTo = (plan, stop, person, day, position) => ({
  act: 'move', stop, inspector: person, day, day_number: plan.dayNumber(day), position,
});
