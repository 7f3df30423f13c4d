// A measure over two parameters: a table of buttons; pressing one looks at that setting.
const NUMBERS = 20; // columns that leave room for numbers

function render({ model, el }) {
  el.classList.add("xf-heattable");
  let buttons = [];
  let width = 0;
  let at = 0;

  const draw = () => {
    const { title, names, rows, columns, values, low, high, unit } = model.get("facts");
    const [chosen, current] = [model.get("chosen"), model.get("current")];
    const focused = el.contains(document.activeElement);
    width = columns.length;
    buttons = [];
    const table = makeTable([`${names[0]} ↓ ${names[1]} →`, ...columns]);
    const caption = make("caption");
    caption.append(make("span", "", title));
    table.prepend(caption);
    el.classList.toggle("xf-many", width > NUMBERS);
    const body = table.tBodies[0];
    rows.forEach((row, i) => {
      const line = body.appendChild(make("tr"));
      makeRowHead(line, row);
      columns.forEach((column, j) => {
        const value = values[i][j];
        const said = value === null ? "undefined" : value.toFixed(2);
        const short = value === null ? "–" : said;
        const isCurrent = current.length && current[0] === i && current[1] === j;
        const label = `${names[0]} ${row}, ${names[1]} ${column}: ${unit} ${said}${isCurrent ? ", the current setting" : ""}`;
        const choose = () => model.send({ cell: [i, j] });
        const button = makeButton(width > NUMBERS ? "" : short, choose, label);
        line.appendChild(make("td")).appendChild(button);
        button.setAttribute("aria-pressed", String(chosen[0] === i && chosen[1] === j));
        button.classList.toggle("current", Boolean(isCurrent));
        const share = value === null || high <= low ? 0 : (70 * (value - low)) / (high - low);
        button.style.setProperty("--share", share.toFixed(1));
        button.addEventListener("focus", () => {
          at = i * width + j;
          setTabStop(buttons, at);
        });
        buttons.push(button);
      });
    });
    at = focused ? Math.min(at, buttons.length - 1) : chosen[0] * width + chosen[1];
    el.replaceChildren(table);
    setTabStop(buttons, at);
    if (focused) buttons[at].focus();
  };
  keepKeys(el);
  el.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key];
    if (!step) return;
    event.preventDefault();
    const sideways = Math.abs(step) === 1 && width > 1;
    const to = at + step;
    if (sideways && Math.floor(to / width) !== Math.floor(at / width)) return;
    buttons[to]?.focus();
  });
  draw();
  return observe(model, { "facts chosen current": draw });
}
export default { render };
