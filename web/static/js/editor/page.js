/** The drawing page as one whole: the draft, the map with its tools, the panels, and what follows from what. */
import { toast } from '../dom.js';
import { lang, number, t } from '../i18n.js';
import { addScale } from '../map/scale.js';
import { phone, Sheet } from '../problem_map/sheet.js';
import { askBackdrop } from '../problem_map/data.js';
import { BorderEdits } from './border_edits.js';
import { CommentsPanel } from './comments.js';
import { Draft } from './draft.js';
import { Drawing } from './drawing.js';
import { Layers, Tabs, drawLegend, levelChoice, offerAreas, offerKeys } from './furniture.js';
import { Handles } from './handles.js';
import { boxOf, partsOf } from './geometry.js';
import { Outcome } from './outcome.js';
import { PreviewPanel } from './preview.js';
import { Proposal, ProblemsPanel } from './problems.js';
import { PropertiesPanel } from './properties.js';
import { Selecting } from './selection.js';
import { SnapGuide } from './snapping.js';
import { Toolbar } from './toolbar.js';
import { ToolBox } from './toolbox.js';
import { VersionsPane } from './versions.js';
import { EditorView } from './view.js';
import { listed, levelName, nameOf, refusalWords } from './words.js';

const find = (selector) => document.querySelector(selector);

export class EditorPage {
  constructor(map, config, server, data) {
    Object.assign(this, { map, config, server, work: find('.work'), clock: data.draft.updated_at });
    this.draft = new Draft(config.draft_id, {
      server, onChange: (keys) => this.changed(keys), onSteps: () => this.steps(), onState: (state) => this.showState(state),
      onSaved: (answer) => this.outcome.saved(answer), onConflict: (body) => this.outcome.conflict(body),
    });
    this.draft.take(data);
    this.may = { edit: this.draft.mayEdit, comment: data.draft.status === 'open', publish: data.draft.may_publish };
    this.buildMap();
    this.buildPanels(data);
    this.buildFurniture();
    this.listen();
    this.begin();
  }

  get coverage() {
    return this.draft.coverage;
  }

  buildMap() {
    const { map, draft } = this;
    const editable = draft.coverage.levels.filter((level) => level.editable);
    this.level = (editable.at(-1) || draft.coverage.levels.at(-1)).code;
    this.view = new EditorView(map, { coverage: draft.coverage, config: this.config, lang, avoid: () => this.floats() });
    this.view.setLevel(this.level);
    this.guide = new SnapGuide(map, () => this.coverage);
    this.handles = new Handles(map, {
      guide: this.guide, onVertices: (points) => this.view.setVertices(points),
      lockOf: (point) => this.lockWords(this.coverage.lockAt(point)),
      lockOfEdge: (a, b) => this.lockWords(this.coverage.lockOn(a, b)),
      ownersOf: (point) => listed(this.coverage.ownersAt(point).map((key) => nameOf(this.coverage.get(key)))),
      on: { drag: (...all) => this.edits.drag(...all), drop: (...all) => this.edits.drop(...all), insert: (...all) => this.edits.insert(...all), remove: (point) => this.edits.remove(point), refuse: (words) => this.say(words), active: () => {} },
    });
    this.edits = new BorderEdits({ draft, view: this.view, handles: () => this.handles, refuse: (error) => this.refuse(error), onLive: (changes) => this.outcome.checkLive(changes) });
    this.drawing = new Drawing(map, { guide: this.guide, onDone: (kind, geometry) => this.tools.drawn(kind, geometry), onCross: () => this.say(t('The line would run over itself: choose another place')) });
  }

  buildPanels(data) {
    const { server, view, may } = this;
    this.problems = new ProblemsPanel(find('#problems'), { flags: view.flags, view, mayEdit: may.edit, onFix: (problem, fix) => this.outcome.propose({ problem: problem.id, fix: fix.id }), onFixAll: () => this.outcome.propose({ all: true }), onGo: (problem, how) => this.goToProblem(problem, how) });
    this.proposal = new Proposal(find('#proposal'), { view, onAccept: (differences) => this.accept(differences) });
    this.preview = new PreviewPanel(find('#preview'), { view, areaName: (key) => nameOf(this.coverage.get(key) || {}), levelName: (code) => levelName(this.coverage.level(code)), onPick: (row) => this.pickFinding(row) });
    this.properties = new PropertiesPanel(find('#properties'), { coverage: () => this.coverage, mayEdit: may.edit, onChange: (key, facts) => this.rename(key, facts), onRemove: (key) => this.removeArea(key) });
    this.comments = new CommentsPanel(find('#comments'), { server, flags: view.notes, may: may.comment, now: () => this.clock, onGo: (place) => this.goTo(place), onPlace: (on) => this.tools.set(on ? 'comment' : this.tools.home), onShow: () => this.tabs.show('comments') });
    this.versions = new VersionsPane(find('#versions'), {
      server, now: () => this.clock, revision: () => this.draft.saver.revision, onShared: (answer) => this.draft.saver.follow(answer),
      onNamed: () => this.selection.show(), onDiscard: () => { this.draft.saver.stopped = true; this.draft.saver.forget(); },
    });
    this.versions.show(this.draft.facts, data.publications || []);
    this.outcome = new Outcome(this);
    this.toolbar = new Toolbar(find('#tools'), { mayEdit: may.edit, mayComment: may.comment, onTool: (name) => this.tools.set(name), onSnap: (on) => { this.handles.setSnapping(on); this.drawing.setSnapping(on); }, onUndo: () => this.undo(), onRedo: () => this.redo() });
    this.selection = new Selecting(this);
    this.tools = new ToolBox(this);
  }

  buildFurniture() {
    const { map, view, config } = this;
    const acts = { in: () => map.zoomIn(1), out: () => map.zoomOut(1), city: () => map.fitBounds(config.city.bounds) };
    for (const button of document.querySelectorAll('[data-do]')) button.addEventListener('click', acts[button.dataset.do]);
    new Layers([...document.querySelectorAll('[data-layers]')], { view, basemaps: config.basemaps || [] });
    offerKeys(find('[data-keys]'));
    drawLegend(find('#legend'));
    offerAreas(find('#choose'), { areas: () => this.coverage.list(this.level), current: () => this.selection.keys[0], onPick: (key) => this.pickArea(key) });
    this.showLevels();
    addScale(map, find('.mapbox'));
    this.tabs = new Tabs(find('#tabs'), find('#panel'), [['problems', t('Problems')], ['preview', t('Outcome')], ['comments', t('Comments')], ['versions', t('Versions')]]);
    this.sheet = new Sheet(this.work, () => view.redraw());
    this.followWidth();
    phone.addEventListener('change', () => this.followWidth());
  }

  showLevels() {
    levelChoice(find('#level'), { levels: this.coverage.levels, current: this.level, onPick: (code) => this.setLevel(code) });
  }

  setLevel(code) {
    this.level = code;
    this.selection.clear();
    this.view.setLevel(code);
  }

  /** On the phone the versions are a part of the sheet. */
  followWidth() {
    const home = phone.matches ? find('#versions-here') : find('#versions-pane .scroll');
    home.append(find('#versions'));
  }

  floats() {
    return [...document.querySelectorAll('.mapbox > .float, .sheetlike')].filter((one) => !one.hidden && one.offsetParent).map((one) => one.getBoundingClientRect());
  }

  listen() {
    new ResizeObserver(() => this.map.invalidateSize({ pan: false, animate: false })).observe(find('.mapbox'));
    document.addEventListener('bp:theme', () => this.view.setTheme());
    find('#see').addEventListener('click', () => this.seeMoved());
    find('#publish').addEventListener('click', () => this.outcome.publish());
    askBackdrop().then((backdrop) => this.view.setBackdrop(backdrop), () => {});
  }

  /** Where the page opens: what it was asked for, what the draft changed, or the whole city. */
  begin() {
    const focus = new URLSearchParams(location.search).get('focus');
    const changed = [...this.coverage.areas.values()].filter((area) => area.editable && this.coverage.isChanged(area) && area.box);
    const wanted = this.coverage.get(focus) || changed[0];
    this.map.fitBounds(this.config.city.bounds, { animate: false });
    this.tools.set(this.tools.home);
    if (wanted && !wanted.removed) {
      if (wanted.editable) this.level = wanted.level;
      this.view.setLevel(this.level);
      this.showLevels();
      this.selection.area(wanted.key, { go: true });
    } else {
      this.selection.clear();
    }
    this.outcome.begin();
    this.comments.load();
    if (this.draft.recover() === 'back') toast(t('Steps that could not be saved last time are here again'));
  }

  /** Areas are other than before: the map, the handles and the words follow. */
  changed() {
    this.view.setCoverage(this.coverage);
    this.selection.follow();
    this.outcome.changed();
  }

  steps() {
    const { history } = this.draft;
    this.toolbar?.setSteps(history?.done.at(-1)?.word, history?.undone.at(-1)?.word);
  }

  showState(state) {
    if (state.at) this.clock = state.at;
    this.versions?.setState(state);
    this.outcome?.setState(state);
    if (state.kind !== 'refused') return;
    if (state.body?.at) this.goTo(state.body.at);
    this.properties?.refuse(state.errors);
  }

  undo() {
    const step = this.draft.undo();
    if (step) this.say(t('Undone: {step}', { step: step.word }));
  }

  redo() {
    const step = this.draft.redo();
    if (step) this.say(t('Redone: {step}', { step: step.word }));
  }

  /** From the list one goes on at the map, by pointer or by key. */
  pickArea(key) {
    this.selection.area(key, { go: true });
    this.map.getContainer().focus({ preventScroll: true });
  }

  rename(key, facts) {
    this.draft.commit(t('name an area'), new Map([[key, { ...facts, renamed: true }]]));
  }

  removeArea(key) {
    this.draft.commit(t('remove an area'), new Map([[key, { removed: true }]]));
    this.selection.clear();
  }

  accept(differences) {
    const changes = new Map(differences.filter(({ key }) => this.coverage.get(key)).map((one) => [one.key, one.after ? { parts: partsOf(one.after) } : { removed: true }]));
    this.draft.commit(t('repair'), changes);
    this.say(t('The repair is made; undo takes it back'));
  }

  lockWords(area) {
    return area && t('Fixed: on the border of {area} ({level})', { area: nameOf(area), level: levelName(this.coverage.level(area.level)) });
  }

  refuse(error) {
    this.say(refusalWords(error, (code) => this.coverage.level(code)));
    this.selection.follow();
  }

  /** A short word for everybody, also spoken. */
  say(words) {
    toast(words);
  }

  goTo([lon, lat], zoom = 17) {
    this.map.setView([lat, lon], Math.max(this.map.getZoom(), zoom));
  }

  goToProblem(problem, { reveal = false } = {}) {
    if (reveal) {
      this.tabs.show('problems');
      this.problems.reveal(problem);
    } else if (problem.bbox) {
      this.view.goTo(problem.bbox, { closest: 19 });
    } else if (problem.at) {
      this.goTo(problem.at, 18);
    }
  }

  pickFinding(row) {
    this.view.points.selected = row.id;
    this.view.symbols.redraw();
    this.view.reveal([row.lon, row.lat]);
  }

  /** The button to the findings that change, on the map and in the list. */
  showFooter(preview) {
    const see = find('#see');
    const n = preview?.moved || 0;
    see.hidden = !n;
    see.querySelector('span').textContent = t('See {n}', { n: number(n) });
  }

  seeMoved() {
    const box = boxOf(this.view.points.items.map(({ lon, lat }) => [lon, lat]));
    if (box) this.view.goTo(box, { closest: 17 });
    this.tabs.show('preview');
    this.preview.reveal();
  }
}
