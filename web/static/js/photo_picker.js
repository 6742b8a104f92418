/** Photos that somebody takes or chooses: thumbnails, what each shows, taken away again. Nothing is sent here. */
import { h, icon } from './dom.js';
import { t } from './i18n.js';

export const MOST = 6;
const ACCEPT = 'image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif';
const coarse = matchMedia('(pointer: coarse), (max-width: 899.98px)');

let following = 0;

/** What a photo may show, in the page's language. */
export const kindWords = () => ({ before: t('Before'), near: t('Close up'), far: t('From afar'), after: t('After') });

const megabytes = (bytes) => (bytes / 1048576).toFixed(1);

/** The bytes are read at once: a file of the camera may be gone when it is sent. */
async function kept(file) {
  return new Blob([await file.arrayBuffer()], { type: file.type });
}

export class PhotoPicker {
  /**
   * @param {HTMLElement} root becomes the row of thumbnails
   * @param {{kind?: string, kinds?: string[], most?: number, mostBytes?: number, onChange?: () => void, onAdded?: (item) => void, onRefused?: (text: string) => void}} options
   */
  constructor(root, { kind = 'before', kinds = ['before', 'near', 'far', 'after'], most = MOST, mostBytes = Infinity, onChange = () => {}, onAdded = () => {}, onRefused = () => {} } = {}) {
    Object.assign(this, { root, kind, kinds, most, mostBytes, onChange, onAdded, onRefused, items: [] });
    root.classList.add('ps');
    this.inputs = { camera: this.input({ capture: 'environment' }), files: this.input({ multiple: true }) };
    this.show();
  }

  input(more) {
    const element = h('input', { type: 'file', accept: ACCEPT, class: 'vh', tabindex: '-1', 'aria-hidden': 'true', ...more });
    element.addEventListener('change', async () => {
      await this.add([...element.files]);
      element.value = '';
    });
    return element;
  }

  get bytes() {
    return this.items.reduce((sum, { blob }) => sum + blob.size, 0);
  }

  /** @param {File[]} files */
  async add(files) {
    for (const file of files) {
      if (this.items.length >= this.most) {
        this.onRefused(t('At most {n} photos', { n: this.most }));
        break;
      }
      if (this.bytes + file.size > this.mostBytes) {
        this.onRefused(t('{name} has {mb} MB: together the photos may have {most} MB', { name: file.name, mb: megabytes(file.size), most: Math.floor(this.mostBytes / 1048576) }));
        continue;
      }
      try {
        const item = this.put({ blob: await kept(file), name: file.name || 'photo.jpg', kind: this.kind });
        this.onAdded(item);
      } catch {
        this.onRefused(t('{name} cannot be read', { name: file.name }));
      }
    }
    this.changed();
  }

  put({ blob, name, kind }) {
    following += 1;
    const item = { id: following, blob, name, kind, url: URL.createObjectURL(blob) };
    this.items.push(item);
    return item;
  }

  /** Photos of a draft. */
  restore(photos) {
    for (const photo of photos) this.put(photo);
    this.show();
  }

  clear() {
    for (const { url } of this.items) URL.revokeObjectURL(url);
    this.items = [];
    this.changed();
  }

  remove(item) {
    URL.revokeObjectURL(item.url);
    this.items = this.items.filter((other) => other !== item);
    this.changed();
    (this.root.querySelector('.x') || this.root.querySelector('.add')).focus();
  }

  changed() {
    this.show();
    this.onChange();
  }

  /** Photos as a draft keeps them. */
  get photos() {
    return this.items.map(({ blob, name, kind }) => ({ blob, name, kind }));
  }

  /** Puts the photos into a form to be sent, each under what it shows. */
  fill(form) {
    fillPhotos(form, this.items);
  }

  tile(item, n) {
    const words = kindWords();
    const image = h('img', { src: item.url, alt: t('Photo {n}', { n }) });
    // HEIC is not shown by most browsers; it is sent all the same.
    image.addEventListener('error', () => image.replaceWith(h('span', { class: 'noshow' }, icon('image', 22), h('small', { class: 'ell' }, item.name))));
    const select = h('select', { 'aria-label': t('What photo {n} shows', { n }), class: 'kind' }, this.kinds.map((kind) => h('option', { value: kind, selected: kind === item.kind }, words[kind])));
    select.addEventListener('change', () => {
      item.kind = select.value;
      this.onChange();
    });
    return h('div', { class: 'pic' }, image, this.kinds.length > 1 ? select : h('span', { class: 'lb' }, words[item.kind]),
      h('button', { type: 'button', class: 'x', 'aria-label': t('Take photo {n} away', { n }), on: { click: () => this.remove(item) } }, icon('x', 14)));
  }

  show() {
    const full = this.items.length >= this.most;
    const button = (input, name, word, extra = '') => h('button', { type: 'button', class: `add${extra}`, on: { click: () => input.click() } }, icon(name, 22), h('span', {}, word));
    const adders = full ? [] : coarse.matches
      ? [button(this.inputs.camera, 'camera', t('Take a photo')), button(this.inputs.files, 'image-plus', t('From the album'))]
      : [button(this.inputs.files, 'image-plus', t('Add photos'))];
    this.root.replaceChildren(...this.items.map((item, i) => this.tile(item, i + 1)), ...adders, this.inputs.camera, this.inputs.files);
  }
}

/** Puts photos into a form to be sent, each under what it shows. */
export function fillPhotos(form, photos) {
  for (const { blob, name, kind } of photos) form.append(`photo-${kind}`, blob, name);
}
