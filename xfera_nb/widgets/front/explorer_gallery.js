// A page of small pictures, each a button. Their facts come at once, the pictures when they are read.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

function render({ model, el }) {
  el.classList.add("xf-gallery");
  const bar = el.appendChild(make("div", "xf-bar2"));
  const step = (text, label, by) => {
    const button = make("button", "", text);
    button.type = "button";
    button.setAttribute("aria-label", label);
    button.title = label;
    button.addEventListener("click", () => model.send({ page: model.get("page") + by }));
    return button;
  };
  const back = bar.appendChild(step("‹", "Previous page", -1));
  const forth = bar.appendChild(step("›", "Next page", 1));
  const said = bar.appendChild(make("span"));
  said.setAttribute("role", "status");
  const grid = el.appendChild(make("div", "xf-tiles"));
  grid.setAttribute("role", "group");
  grid.setAttribute("aria-label", "Photos");
  let buttons = [];
  let shown = []; // the tiles that the buttons are of
  let at = 0;

  const focusable = () =>
    buttons.forEach((button, i) => {
      button.tabIndex = i === at ? 0 : -1;
    });
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
  const picked = () =>
    buttons.forEach((button, i) =>
      button.setAttribute("aria-pressed", String(shown[i].number === model.get("picked"))),
    );
  const draw = () => {
    const focused = grid.contains(document.activeElement);
    shown = model.get("tiles");
    buttons = shown.map((tile, i) => {
      const button = make("button", `xf-tile ${tile.kind}`);
      button.type = "button";
      button.setAttribute("aria-label", tile.label);
      button.title = tile.label;
      button.append(make("span", "xf-thumb"), make("span", "xf-line", tile.line), make("span", "xf-q", tile.note));
      button.addEventListener("click", () => model.send({ pick: tile.number }));
      button.addEventListener("focus", () => {
        at = i;
        focusable();
      });
      return button;
    });
    at = Math.max(0, Math.min(at, buttons.length - 1));
    grid.replaceChildren(...buttons);
    pictures();
    picked();
    focusable();
    if (focused && buttons.length) buttons[at].focus();
    count();
  };
  const count = () => {
    said.textContent = model.get("said");
    back.disabled = model.get("page") === 0;
    forth.disabled = model.get("page") >= model.get("pages") - 1;
  };
  const across = () => {
    const top = buttons[0].offsetTop;
    const below = buttons.findIndex((button) => button.offsetTop > top);
    return below < 0 ? buttons.length : below;
  };
  el.addEventListener("keydown", (event) => {
    event.stopPropagation(); // Lab would take the keys for its own
    if (!grid.contains(document.activeElement)) return;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across(), ArrowDown: across() }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : at + step;
    if (Number.isNaN(to)) return;
    event.preventDefault();
    buttons[to]?.focus();
  });
  draw();
  model.on("change:tiles", draw);
  model.on("change:said change:page change:pages", count);
  model.on("change:pictures", pictures);
  model.on("change:picked", picked);
}
export default { render };
