// A measure over two parameters: a table of buttons; pressing one looks at that setting.
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const NUMBERS = 20; // columns that leave room for numbers

function render({ model, el }) {
  el.classList.add("xf-heattable");
  let buttons = [];
  let width = 0;
  let at = 0;

  const focusable = () =>
    buttons.forEach((button, i) => {
      button.tabIndex = i === at ? 0 : -1;
    });
  const draw = () => {
    const { title, names, rows, columns, values, low, high, unit } = model.get("facts");
    const [chosen, current] = [model.get("chosen"), model.get("current")];
    const focused = el.contains(document.activeElement);
    width = columns.length;
    buttons = [];
    const table = make("table");
    table.appendChild(make("caption", "", title));
    const head = table.appendChild(make("thead")).appendChild(make("tr"));
    head.appendChild(make("th", "", `${names[0]} ↓ ${names[1]} →`));
    columns.forEach((column) => {
      head.appendChild(make("th", "", column)).scope = "col";
    });
    const body = table.appendChild(make("tbody"));
    rows.forEach((row, i) => {
      const line = body.appendChild(make("tr"));
      line.appendChild(make("th", "", row)).scope = "row";
      columns.forEach((column, j) => {
        const value = values[i][j];
        const said = value === null ? "undefined" : value.toFixed(2);
        const short = value === null ? "–" : said;
        const button = line.appendChild(make("td")).appendChild(make("button", "", width > NUMBERS ? "" : short));
        const isCurrent = current.length && current[0] === i && current[1] === j;
        const label = `${names[0]} ${row}, ${names[1]} ${column}: ${unit} ${said}${isCurrent ? ", the present setting" : ""}`;
        button.type = "button";
        button.title = label;
        button.setAttribute("aria-label", label);
        button.setAttribute("aria-pressed", String(chosen[0] === i && chosen[1] === j));
        button.classList.toggle("current", Boolean(isCurrent));
        const share = value === null || high <= low ? 0 : (70 * (value - low)) / (high - low);
        button.style.setProperty("--share", share.toFixed(1));
        button.addEventListener("click", () => model.send({ cell: [i, j] }));
        button.addEventListener("focus", () => {
          at = i * width + j;
          focusable();
        });
        buttons.push(button);
      });
    });
    at = focused ? Math.min(at, buttons.length - 1) : chosen[0] * width + chosen[1];
    el.replaceChildren(table);
    focusable();
    if (focused) buttons[at].focus();
  };
  el.addEventListener("keydown", (event) => {
    event.stopPropagation(); // Lab would take the keys for its own
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key];
    if (!step) return;
    event.preventDefault();
    const sideways = Math.abs(step) === 1 && width > 1;
    const to = at + step;
    if (sideways && Math.floor(to / width) !== Math.floor(at / width)) return;
    buttons[to]?.focus();
  });
  draw();
  model.on("change:facts change:chosen change:current", draw);
}
export default { render };
