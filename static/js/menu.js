// Closes <details class="menu"> and the navigation on Escape, on a click outside, and when another one opens.
const OPEN = 'details:is(.menu, .nav-toggle)[open]';

document.addEventListener('click', (event) => {
  document.querySelectorAll(OPEN).forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  document.querySelectorAll(OPEN).forEach((menu) => {
    menu.open = false;
    menu.querySelector('summary')?.focus();
  });
});
