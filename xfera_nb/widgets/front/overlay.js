// Paints the face into a Plotly figure. The salient region at each stop of the slider k comes from Python
// in `stops`, so that a drag is painted at the browser's pace; nothing is computed here. Python's
// own frame follows each move and has the last word.
const NOTHING = "M0 0Z";
const [CIRCLE, OPEN_SQUARE] = [0, 101];
const [OUTLINE, GRID, RINGS] = [0, 1, 2];
const [FACE, HEAT] = [0, 1];

function stopAt(stops, k) {
  const at = Math.round((k - stops.start) / stops.step);
  const isNear = Math.abs(stops.start + at * stops.step - k) < 1e-6;
  if (!isNear || !(at in stops.salient)) return null;
  return { salient: stops.salient[at], outline: stops.outline[at] };
}

// Paints under the pointer while the brush is on, and sends the points of each stroke to Python,
// whose blurred face takes the place of the paint.
function addBrush(model, el, size) {
  const canvas = el.appendChild(make("canvas", "xf-paint"));
  canvas.title = "Drag to hide what you paint over from the classifier";
  let stroke = null;
  const radius = () => model.get("brush");
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = (value, start, length) => ((value - start) / length) * size - 0.5;
    return [at(event.clientX, box.left, box.width), at(event.clientY, box.top, box.height)];
  };
  const dab = (point) => {
    const last = stroke.at(-1);
    if (last && Math.hypot(point[0] - last[0], point[1] - last[1]) < radius() / 2) return;
    stroke.push(point.map((value) => Math.round(value * 10) / 10));
    const scale = canvas.width / size;
    const context = canvas.getContext("2d");
    context.fillStyle = "rgb(31 95 184)";
    context.beginPath();
    context.arc((point[0] + 0.5) * scale, (point[1] + 0.5) * scale, radius() * scale, 0, 2 * Math.PI);
    context.fill();
  };
  const clear = () => {
    canvas.width = canvas.width; // which also clears it
  };
  const toggle = () => {
    canvas.style.display = radius() ? "block" : "none";
    const width = Math.max(1, Math.round(el.clientWidth * devicePixelRatio));
    if (canvas.width !== width) canvas.width = canvas.height = width;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    toggle();
    stroke = [];
    dab(place(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) dab(place(one));
  });
  const finish = () => {
    if (stroke) model.send({ paint: stroke });
    stroke = null;
  };
  canvas.addEventListener("pointerup", finish);
  canvas.addEventListener("pointercancel", finish);
  toggle();
  const end = observe(model, { brush: toggle, face: () => stroke || clear() });
  const refused = (message) => message.unpaint && clear();
  model.on("msg:custom", refused);
  return () => {
    end();
    model.off("msg:custom", refused);
  };
}

// A page evaluates Plotly once, though an Explainer is shown many times.
function loadPlotly(source) {
  const loaded = (globalThis.xfPlotly ??= {});
  if (loaded.source !== source) {
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    Object.assign(loaded, { source, module: import(url) });
  }
  return loaded.module;
}

async function render({ model, el }) {
  el.classList.add("xf-overlay");
  const box = el.appendChild(make("div"));
  const figure = structuredClone(model.get("base"));
  let side = figure.layout.width;
  const other = (name) => model.widget_manager.get_model(model.get(name).slice("IPY_MODEL_".length));
  const { default: Plotly } = await loadPlotly((await other("plotly")).get("value"));
  const drawn = Plotly.newPlot(box, figure.data, figure.layout, figure.config);
  const slider = await other("slider");
  await drawn;

  let painted = "";
  let wanted = null;
  let waiting = 0;
  const paint = () => {
    waiting = 0;
    const key = `${wanted.salient} ${wanted.outline}`;
    if (key === painted) return;
    painted = key;
    const salient = Array.from(wanted.salient, Number);
    const symbols = salient.map((on) => (on ? CIRCLE : OPEN_SQUARE));
    Plotly.update(
      box,
      { "marker.color": [salient], "marker.symbol": [symbols] },
      { [`shapes[${OUTLINE}].path`]: wanted.outline || NOTHING },
      [0],
    );
  };
  const want = (frame) => {
    if (!frame.salient) return; // the page was faster than Python: its frame follows
    wanted = frame;
    if (!waiting) waiting = requestAnimationFrame(paint);
  };
  const moved = () => {
    const frame = stopAt(model.get("stops"), slider.get("value"));
    if (frame) want(frame);
  };
  // A frame that the slider has left behind by now would be a step back.
  const answered = () => {
    const frame = model.get("frame");
    if (Math.abs(frame.k - slider.get("value")) < 1e-6) want(frame);
  };
  const face = () => {
    const now = model.get("face");
    Plotly.update(box, { x: [now.x], y: [now.y] }, { [`images[${FACE}].source`]: now.source }, [0]);
  };
  const heat = () => {
    const now = model.get("heat");
    const hints = { customdata: [now.hints] };
    Plotly.update(box, hints, { [`images[${HEAT}].source`]: now.source }, [0]);
  };
  const relayout = (name, value) => Plotly.relayout(box, { [name]: value });
  const rings = () => relayout(`shapes[${RINGS}].path`, model.get("rings") || NOTHING);
  const grid = () => relayout(`shapes[${GRID}].path`, model.get("grid") || NOTHING);
  const opacity = () => relayout(`images[${HEAT}].opacity`, model.get("opacity"));

  // The figure is as wide as its column, whose height the style sheet reserves beforehand.
  const fit = () => {
    const width = Math.floor(el.clientWidth);
    if (!width || width === side) return;
    side = width;
    Plotly.relayout(box, { width, height: width });
  };
  const sizes = new ResizeObserver(() => requestAnimationFrame(fit));

  const end = observe(model, { face, heat, rings, grid, opacity, stops: moved, frame: answered });
  slider.on("change:value", moved);
  [face, heat, rings, grid, opacity].forEach((act) => act());
  want(stopAt(model.get("stops"), slider.get("value")) || model.get("frame"));
  const [low, high] = figure.layout.xaxis.range;
  const endBrush = addBrush(model, el, high - low);
  sizes.observe(el);
  return () => {
    end();
    endBrush();
    sizes.disconnect();
    slider.off("change:value", moved);
    cancelAnimationFrame(waiting);
    Plotly.purge(box);
  };
}
export default { render };
