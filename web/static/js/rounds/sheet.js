/** The printed sheet: a button that opens the browser's print dialog. */
const button = document.querySelector('#print');
button.hidden = false;
button.addEventListener('click', () => window.print());
