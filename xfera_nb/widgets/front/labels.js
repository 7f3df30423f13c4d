// Gives the handles and numbers of sliders the names that ipywidgets leaves out, draws marks on
// their tracks, and hides the still picture below, which is for readers without widgets.
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
        const mark = document.createElement("span");
        mark.className = "xf-mark";
        mark.style.left = `${at}%`;
        mark.title = words;
        mark.dataset.text = words;
        base.appendChild(mark);
      });
    }
  });
}

function hideStill(root, length) {
  const output = root.closest(".jp-OutputArea-child");
  const next = output && output.nextElementSibling;
  const picture = next && next.querySelector(".jp-RenderedImage img");
  if (picture && picture.src.length === length) next.style.display = "none";
}

function render({ model, el }) {
  el.style.display = "none";
  let frame = 0;
  const look = () => {
    frame = 0;
    const root = el.closest(".xf-explainer");
    if (!root) return;
    nameSliders(root, model.get("marks"));
    hideStill(root, model.get("still"));
  };
  const soon = () => {
    if (!frame) frame = requestAnimationFrame(look);
  };
  const timer = setInterval(soon, 250);
  const stop = setTimeout(() => clearInterval(timer), 15_000);
  model.on("change:still", soon);
  soon();
  return () => {
    clearInterval(timer);
    clearTimeout(stop);
  };
}
export default { render };
