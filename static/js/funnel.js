// Sliders of the simulator: each moves its number, and the number moves it. The form asks the server by htmx.
document.querySelectorAll('[data-what-if]').forEach((form) => {
  form.querySelectorAll('[data-slider]').forEach((slider) => {
    const field = document.getElementById(slider.dataset.slider);
    const follow = () => {
      const value = Number.parseFloat(field.value);
      if (Number.isFinite(value)) slider.value = value;
    };
    follow();
    slider.hidden = false;
    slider.addEventListener('input', () => { field.value = slider.value; });
    field.addEventListener('input', follow);
  });
  form.querySelector('[data-what-if-go]').hidden = true;
});
