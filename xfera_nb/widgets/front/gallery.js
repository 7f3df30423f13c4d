// A page of small pictures, each a button. Their facts come at once, the pictures when they are read.

function render({ model, el }) {
  el.classList.add("xf-gallery");
  const bar = el.appendChild(make("div", "xf-bar2"));
  const step = (text, label, by) =>
    makeButton(text, () => model.send({ page: model.get("page") + by }), label);
  const back = bar.appendChild(step("‹", "Previous page", -1));
  const forth = bar.appendChild(step("›", "Next page", 1));
  const status = bar.appendChild(make("span"));
  status.setAttribute("role", "status");
  const sizes = bar.appendChild(make("div", "xf-sizes"));
  sizes.setAttribute("role", "group");
  sizes.setAttribute("aria-label", "Size of the photos");
  const sizeButtons = model.get("sizes").map((size) => {
    const button = makeButton(size[0].toUpperCase(), () => model.send({ size }), `${size} photos`);
    sizes.append(button);
    return button;
  });
  sizes.hidden = !sizeButtons.length;
  const grid = el.appendChild(make("div", "xf-tiles"));
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", "Photos");
  let buttons = [];
  let shown = []; // the tiles that the buttons are of
  let at = 0;

  const picture = (button, tile) => {
    const place = button.firstChild;
    const found = model.get("pictures")[tile.number];
    if (!found) {
      place.textContent = "…";
    } else if (found.src) {
      const image = make("img");
      image.src = found.src;
      image.alt = "";
      place.replaceChildren(image);
    } else {
      place.textContent = found.reason;
      place.title = found.reason;
    }
  };
  const pictures = () => buttons.forEach((button, i) => picture(button, shown[i]));
  let before = model.get("picked");
  const picked = () => {
    const now = model.get("picked");
    buttons.forEach((button, i) => {
      button.setAttribute("aria-pressed", String(shown[i].number === now));
    });
    if (model.get("walks")) follow(now);
    before = now;
  };
  // The focus goes with the picked tile, and back to it when it is closed.
  const follow = (now) => {
    const active = document.activeElement;
    const isIn = (name) => active?.closest(name) === el.closest(".xf-middle")?.querySelector(name);
    const isFree = active === document.body || (active?.closest(".xf-panel") && isIn(".xf-panel"));
    const place = shown.findIndex(({ number }) => number === (now < 0 ? before : now));
    if (place < 0 || now === before) return;
    at = place;
    setTabStop(buttons, at);
    if (now < 0 ? isFree : grid.contains(active)) focusWhenSeen(buttons[at], 30);
  };
  // What covers the photos goes some frames later.
  const focusWhenSeen = (button, frames) => {
    button.focus();
    if (document.activeElement === button || !frames) return;
    requestAnimationFrame(() => focusWhenSeen(button, frames - 1));
  };
  const draw = () => {
    const focused = grid.contains(document.activeElement);
    shown = model.get("tiles");
    buttons = shown.map((tile, i) => {
      const pick = () => model.send({ pick: tile.number });
      const button = makeButton("", pick, tile.label, `xf-tile ${tile.kind}`);
      button.append(make("span", "xf-thumb"), make("span", "xf-line", tile.line), make("span", "xf-q", tile.note));
      button.addEventListener("focus", () => {
        at = i;
        setTabStop(buttons, at);
      });
      return button;
    });
    at = Math.max(0, Math.min(at, buttons.length - 1));
    grid.replaceChildren(...buttons);
    pictures();
    picked();
    setTabStop(buttons, at);
    if (focused && buttons.length) buttons[at].focus();
    count();
  };
  const resize = () => {
    grid.dataset.size = model.get("size");
    sizeButtons.forEach((button, i) => {
      button.setAttribute("aria-pressed", String(model.get("sizes")[i] === model.get("size")));
    });
  };
  const count = () => {
    status.textContent = model.get("status");
    back.disabled = model.get("page") === 0;
    forth.disabled = model.get("page") >= model.get("pages") - 1;
  };
  const across = () => {
    const top = buttons[0].offsetTop;
    const below = buttons.findIndex((button) => button.offsetTop > top);
    return below < 0 ? buttons.length : below;
  };
  keepKeys(el);
  el.addEventListener("keydown", (event) => {
    if (!grid.contains(document.activeElement)) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across(), ArrowDown: across() }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : at + step;
    const walks = model.get("walks") && model.get("picked") >= 0;
    if (walks && event.key === "Escape") {
      event.preventDefault();
      model.send({ do: "close" });
      return;
    }
    if (Number.isNaN(to)) return;
    event.preventDefault();
    if (walks && step) model.send({ step });
    else buttons[to]?.focus();
  });
  draw();
  resize();
  return observe(model, { tiles: draw, "status page pages": count, pictures, picked, size: resize });
}
export default { render };
