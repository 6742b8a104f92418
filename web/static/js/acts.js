/** The acts on the page of one finding: their buttons open a dialog; without it they lead to pages of their own. */
import { ActDialog } from './act_dialog.js';
import { memory, toast } from './dom.js';

const SAID = 'bp-said';
const source = document.getElementById('bp-acts');

function done({ said }) {
  memory.set(SAID, said);
  location.reload();
}

if (source) {
  const sheet = JSON.parse(source.textContent);
  document.querySelector('[data-act-card]').addEventListener('click', (event) => {
    const link = event.target.closest('a[data-act]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    let stale = false;
    const dialog = new ActDialog(sheet, link.dataset.act, { onDone: done, onStale: () => { stale = true; } });
    dialog.dialog.addEventListener('close', () => stale && location.reload());
  });
}

const said = memory.get(SAID, '');
if (said) {
  memory.set(SAID, '');
  toast(said);
}
