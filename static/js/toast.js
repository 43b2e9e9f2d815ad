// Closes a toast.
document.addEventListener('click', (event) => {
  event.target.closest?.('.toast-close')?.closest('.toast').remove();
});
