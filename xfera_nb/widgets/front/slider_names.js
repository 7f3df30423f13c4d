// Gives the handles and numbers of sliders the accessible names that ipywidgets leaves out, and
// draws marks on their tracks.
function nameSliders(root, marks) {
  root.querySelectorAll(".widget-slider").forEach((slider) => {
    const label = slider.querySelector(".widget-label");
    const text = label && label.textContent.trim();
    if (!text) return;
    slider.querySelectorAll(".noUi-handle").forEach((handle) => {
      if (handle.getAttribute("aria-label") !== text) handle.setAttribute("aria-label", text);
    });
    const number = slider.querySelector(".widget-readout");
    if (number && !number.hasAttribute("aria-label")) {
      number.setAttribute("role", "textbox");
      number.setAttribute("aria-label", `${text}, number`);
    }
    const base = slider.querySelector(".noUi-base");
    if (base && marks[text] && !base.querySelector(".xf-mark")) {
      marks[text].forEach(([at, words]) => {
        const mark = base.appendChild(make("span", "xf-mark"));
        mark.style.left = `${at}%`;
        mark.title = words;
        mark.dataset.text = words;
      });
    }
  });
}

function render({ model, el }) {
  el.style.display = "none";
  let frame = 0;
  const look = () => {
    frame = 0;
    const root = el.closest(".xf-explainer");
    if (root) nameSliders(root, model.get("marks"));
  };
  const soon = () => {
    if (!frame) frame = requestAnimationFrame(look);
  };
  // ipywidgets draws the sliders at a time of its own, and says nothing.
  const timer = setInterval(soon, 250);
  const stop = setTimeout(() => clearInterval(timer), 15_000);
  soon();
  return () => {
    clearInterval(timer);
    clearTimeout(stop);
  };
}
export default { render };
