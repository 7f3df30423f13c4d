// The measure along one parameter: a line for all faces and one for each emotion.
const STYLE = {
  all: ["currentColor", ""],
  anger: ["#d55e00", "7 3"],
  disgust: ["#009e73", "2 2"],
  fear: ["#cc79a7", "9 3 2 3"],
  happiness: ["#e69f00", ""],
  neutral: ["#8a929c", "1 3"],
  sadness: ["#8273e6", "5 2 1 2"],
  surprise: ["#56b4e9", "12 3"],
};
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [440, 214, 40, 8, 20, 32];

function render({ model, el }) {
  el.classList.add("xf-lines");
  const draw = () => {
    const { x, xs, series, names, low, high } = model.get("facts");
    const label = `${names[1]} along ${names[0]}, a line for all faces and for each emotion`;
    const svg = makeSvg(null, "svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label,
    });
    const first = xs[0];
    const span = xs[xs.length - 1] - first || 1;
    const px = (value) => LEFT + ((WIDTH - LEFT - RIGHT) * (value - first)) / span;
    const py = (value) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * (value - low)) / (high - low || 1);
    for (const value of [low, (low + high) / 2, high]) {
      makeSvg(svg, "path", { d: `M${LEFT} ${py(value)}H${WIDTH - RIGHT}`, class: "xf-gridline" });
      makeSvg(svg, "text", { x: LEFT - 5, y: py(value) + 4, "text-anchor": "end" }, value.toFixed(2));
    }
    const every = Math.ceil(xs.length / 8);
    xs.forEach((value, i) => {
      if (i % every === 0) {
        makeSvg(svg, "text", { x: px(value), y: HEIGHT - BOTTOM + 14, "text-anchor": "middle" }, String(value));
      }
    });
    makeSvg(svg, "text", { x: (LEFT + WIDTH) / 2, y: HEIGHT - 3, "text-anchor": "middle" }, names[0]);
    makeSvg(svg, "text", { x: LEFT, y: 11 }, names[1]);
    makeSvg(svg, "path", { d: `M${px(x)} ${TOP}V${HEIGHT - BOTTOM}`, class: "xf-here" });
    const legend = make("ul");
    series.forEach(([name, values]) => {
      const [colour, dash] = STYLE[name];
      let d = "";
      let pen = "M";
      values.forEach((value, i) => {
        if (value === null) {
          pen = "M";
        } else {
          d += `${pen}${px(xs[i]).toFixed(1)} ${py(value).toFixed(1)}`;
          pen = "L";
        }
      });
      const strong = name === "all" ? 2.6 : 1.6;
      const line = { fill: "none", stroke: colour, "stroke-width": strong, "stroke-dasharray": dash };
      makeSvg(svg, "path", { d: d || "M0 0", ...line });
      const entry = legend.appendChild(make("li"));
      const key = makeSvg(entry, "svg", { viewBox: "0 0 26 8", "aria-hidden": "true" });
      makeSvg(key, "path", { d: "M0 4H26", ...line });
      const known = values.some((value) => value !== null);
      entry.append(known ? name : `${name} (undefined)`);
    });
    el.replaceChildren(svg, legend);
  };
  draw();
  return observe(model, { facts: draw });
}
export default { render };
